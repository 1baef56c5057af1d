import { shellQuote } from "../components/pulumi/shell-quote";
import type { ObjectReference } from "../components/waits/cluster-state";
import { describeReference } from "../components/waits/find-causes";
import { isEncrypted } from "../stack/read-stack";
import type { Context } from "./context";
import { findReleaseStep, kubectlArgs, type DeclaredObject } from "./declared-objects";
import { findDifferences, type Difference } from "./differences";
import { countOf, type Finding, type Observation, type StepName } from "./finding";
import type { LiveCluster } from "./live-cluster";

/**
 * Compares a step's declared objects and Helm releases with the live ones; a missing or changed one is a finding.
 *
 * @throws {NotVisible} The API server cannot be read.
 */
export async function checkDeclared(
  { cluster, stack: { name: stack }, declared, missingReleases }: Context,
  step: StepName,
): Promise<Observation> {
  const objects = declared.filter((object) => object.step === step);
  const releases = missingReleases.filter((release) => findReleaseStep(release) === step);
  const missing = releases.map(({ name, namespace }): Finding => ({
    code: "drift/release-missing",
    object: `Helm release ${namespace}/${name}`,
    problem: `is not installed, but the stack ${stack} declares it`,
    fix: upCommand(stack),
  }));
  const changes = (await Promise.all(objects.map((object) => compareObject(cluster, stack, object)))).flat();
  const isClean = objects.length > 0 && changes.length === 0;
  return {
    seen: isClean ? [`${countOf(objects.length, "object")} as declared`] : [],
    findings: [...missing, ...changes],
  };
}

async function compareObject(
  cluster: LiveCluster,
  stack: string,
  object: DeclaredObject,
): Promise<Finding[]> {
  const live = await cluster.get(object);
  const declaredBy = `${describeOwner(object, stack)} declares it`;
  if (live === undefined)
    return [
      {
        code: "drift/missing",
        object: describeReference(object),
        problem: `does not exist, but ${declaredBy}`,
        fix: restoreCommand(object, stack),
      },
    ];
  const differences = findDifferences(object.manifest, live);
  if (differences.length === 0) return [];
  return [
    {
      code: "drift/changed",
      object: describeReference(object),
      problem: `is not as ${declaredBy}: ${differences.map(describeDifference).join("; ")}`,
      fix: object.release ? restoreCommand(object, stack) : patchCommand(object, differences, stack),
    },
  ];
}

const describeOwner = ({ release }: DeclaredObject, stack: string): string =>
  release ? `the Helm release ${release.namespace}/${release.name}` : `the stack ${stack}`;

const toText = (value: unknown): string => {
  const text = value === undefined ? "absent" : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)} ...` : text;
};

const describeDifference = ({ field, declared, live, manager }: Difference): string =>
  `${field} is ${toText(live)} instead of ${toText(declared)}${manager === undefined ? "" : ` (written by ${manager})`}`;

export const upCommand = (stack: string): string => `pulumi up --refresh --stack ${stack}`;

/** The command that creates an object anew, or brings a release's objects back to its manifest. */
const restoreCommand = ({ release }: DeclaredObject, stack: string): string =>
  release
    ? `helm get manifest -n ${release.namespace} ${release.name} | kubectl apply${release.needsNamespace ? ` -n ${release.namespace}` : ""} --server-side --force-conflicts -f -`
    : upCommand(stack);

/** The command that writes the declared values of the different fields. */
function patchCommand(object: DeclaredObject, differences: readonly Difference[], stack: string): string {
  const patch: Record<string, unknown> = {};
  for (const { path } of differences) setDeclared(patch, object.manifest, path);
  if (containsSecret(patch)) return upCommand(stack);
  return `kubectl patch ${kubectlArgs(object satisfies ObjectReference)} --type merge -p ${shellQuote(JSON.stringify(patch))}`;
}

/** Copies the value at a path, or the whole list on its way: a merge patch replaces lists. */
function setDeclared(
  patch: Record<string, unknown>,
  declared: Readonly<Record<string, unknown>>,
  path: Difference["path"],
): void {
  const [part = "", next, ...rest] = path;
  const value = declared[part];
  if (typeof next !== "string" || typeof value !== "object" || value === null) {
    patch[part] = value;
    return;
  }
  const inner = (patch[part] ??= {}) as Record<string, unknown>;
  setDeclared(inner, value as Readonly<Record<string, unknown>>, [next, ...rest]);
}

const containsSecret = (value: unknown): boolean =>
  isEncrypted(value) ||
  (typeof value === "object" && value !== null && Object.values(value).some(containsSecret));

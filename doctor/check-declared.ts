import type { ObjectReference } from "../components/waits/cluster-state";
import { isEncrypted } from "../stack/read-stack";
import { describeReference, kubectlArgs, type DeclaredObject } from "./declared-objects";
import { findDifferences, type Difference } from "./differences";
import type { Finding } from "./finding";
import type { LiveCluster } from "./live-cluster";

/** Compares declared objects with the live ones; a missing or changed object is a finding of its step. */
export async function checkDeclared(
  cluster: LiveCluster,
  stack: string,
  objects: readonly DeclaredObject[],
): Promise<Finding[]> {
  const findings = await Promise.all(
    objects.map(async (object): Promise<Finding[]> => {
      const live = await cluster.get(object);
      if (live === undefined)
        return [
          {
            code: `${object.step}/missing`,
            object: describeReference(object),
            problem: `does not exist, but ${describeOwner(object, stack)} declares it`,
            fix: restoreCommand(object, stack),
          },
        ];
      const differences = findDifferences(object.manifest, live);
      if (differences.length === 0) return [];
      return [
        {
          code: `${object.step}/changed`,
          object: describeReference(object),
          problem: `is not as ${describeOwner(object, stack)} declares it: ${differences.map(describeDifference).join("; ")}`,
          fix: object.release ? restoreCommand(object, stack) : patchCommand(object, differences, stack),
        },
      ];
    }),
  );
  return findings.flat();
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
    ? `helm get manifest -n ${release.namespace} ${release.name} | kubectl apply -n ${release.namespace} --server-side --force-conflicts -f -`
    : upCommand(stack);

/** The command that writes the declared values of the different fields. */
function patchCommand(object: DeclaredObject, differences: readonly Difference[], stack: string): string {
  const patch: Record<string, unknown> = {};
  for (const { path } of differences) setDeclared(patch, object.manifest, path);
  if (containsSecret(patch)) return upCommand(stack);
  return `kubectl patch ${kubectlArgs(object satisfies ObjectReference)} --type merge -p ${quote(JSON.stringify(patch))}`;
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

/** A text as one word of a shell command. */
export const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

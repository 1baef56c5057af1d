import * as fs from "node:fs";
import { isDeepStrictEqual } from "node:util";

import { NotReady, UNKNOWN, type InputError, type ResourceType, type Props } from "../fake-provider";
import { helm, HelmError, findRelease, toReleaseStatus, type HelmTarget, type ReleaseInfo } from "./helm";
import { RELEASE_INPUTS, releaseArgs, uninstallArgs } from "./helm-args";
import { isSubdomain } from "./naming";
import { record, text } from "./values";
import { withoutSecrets } from "./secrets";

/** JSON is YAML, and nothing in it needs quoting. */
const toValues = (inputs: Props): string => JSON.stringify(inputs.values ?? {});

function parseId(id: string): { name: string; namespace: string } {
  const slash = id.indexOf("/");
  return { name: id.slice(slash + 1), namespace: id.slice(0, slash) };
}

const toOutputs = (facts: ReleaseInfo): Props => ({
  name: facts.name,
  namespace: facts.namespace,
  version: facts.version,
  status: facts,
});

/** `kubernetes:helm.sh/v3:Release`, by the Helm that the sandbox built. */
export function releaseType(target: () => HelmTarget): ResourceType {
  const facts = async (namespace: string, name: string): Promise<ReleaseInfo> => {
    const found = await findRelease(target(), namespace, name);
    if (found === undefined)
      throw new Error(`release "${namespace}/${name}" is gone right after Helm created it`);
    return found;
  };

  return {
    inputs: RELEASE_INPUTS,
    computed: ["status"],
    replaceOn: ["name", "namespace"],
    // A second release would collide with what the first holds outside its namespace.
    deleteBeforeReplace: () => true,

    validate: validateRelease,

    async create(inputs) {
      const { name, namespace } = { name: text(inputs.name) ?? "", namespace: text(inputs.namespace) ?? "" };
      const id = `${namespace}/${name}`;
      try {
        await helm(target(), releaseArgs("install", inputs, name, namespace), toValues(inputs));
      } catch (error) {
        if (!(error instanceof HelmError)) throw error;
        // If this fails too, the first error is the better one.
        const found = await findRelease(target(), namespace, name).catch(() => undefined);
        if (error.message.includes("cannot re-use a name")) throw new Error(existsMessage(id, found?.status));
        const message = `release "${id}" was not installed: ${explainError(error, inputs)}`;
        if (found === undefined) throw new Error(message);
        throw new NotReady(message, id, { ...inputs, ...toOutputs(found) });
      }
      return { id, outputs: toOutputs(await facts(namespace, name)) };
    },

    async read(id, last) {
      const { name, namespace } = parseId(id);
      const found = await findRelease(target(), namespace, name);
      if (found === undefined || toReleaseStatus(found.status) === "absent") return undefined;
      const args = ["get", "values", name, "--namespace", namespace, "--output", "json"];
      const live = record(JSON.parse(await helm(target(), args)));
      return { inputs: toInputs(found, live, last.inputs, last.outputs), outputs: toOutputs(found) };
    },

    async update(id, inputs) {
      const { name, namespace } = parseId(id);
      try {
        await helm(target(), releaseArgs("upgrade", inputs, name, namespace), toValues(inputs));
      } catch (error) {
        if (!(error instanceof HelmError)) throw error;
        if (error.message.includes("another operation")) {
          const found = await findRelease(target(), namespace, name);
          throw new Error(pendingMessage(id, found?.status ?? "pending"));
        }
        throw new Error(`release "${id}" was not upgraded: ${explainError(error, inputs)}`);
      }
      return toOutputs(await facts(namespace, name));
    },

    async delete(id, last) {
      const { name, namespace } = parseId(id);
      try {
        await helm(target(), uninstallArgs(last.inputs, name, namespace));
      } catch (error) {
        if (error instanceof HelmError)
          throw new Error(`release "${id}" was not uninstalled: ${error.message}`);
        throw error;
      }
    },
  };
}

/** Helm's error without the values it may quote. */
const explainError = (error: HelmError, inputs: Props): string =>
  withoutSecrets(error.message, inputs.values);

function pendingMessage(id: string, status: string): string {
  const { name, namespace } = parseId(id);
  const command = status === "pending-install" ? "uninstall" : "rollback";
  return (
    `release "${id}" is in the state ${status}: another operation is in progress, or was interrupted. If none runs: ` +
    `helm ${command} ${name} -n ${namespace}`
  );
}

function existsMessage(id: string, status: string | undefined): string {
  if (status !== undefined && toReleaseStatus(status) === "pending") return pendingMessage(id, status);
  return `release "${id}" exists already (${status ?? "unknown state"}): uninstall it, or import it with the id "${id}"`;
}

/** The program's inputs, with what differs in the cluster put in its place. */
function toInputs(facts: ReleaseInfo, values: Props, program: Props, last: Props): Props {
  if (Object.keys(program).length === 0) {
    const { name, namespace, chart, version } = facts;
    return { name, namespace, chart, version, values };
  }
  const inputs: Record<string, unknown> = { ...program };
  if (text(last.version) !== facts.version) inputs.version = facts.version;
  if (!isDeepStrictEqual(values, record(program.values))) inputs.values = values;
  // Nobody knows what of it is there: without its chart, the next run applies it again.
  if (toReleaseStatus(facts.status) !== "deployed") delete inputs.chart;
  return inputs;
}

function validateRelease(inputs: Props): readonly InputError[] {
  const faults: InputError[] = [];
  const { name, chart, timeout } = inputs;
  const known = (value: unknown): value is string => typeof value === "string" && value !== UNKNOWN;
  if (known(name) && (name.length > 53 || !isSubdomain(name)))
    faults.push({
      property: "name",
      reason: `is "${name}": a release's name has at most 53 of a-z, 0-9, "-" and "."`,
    });
  if (known(chart) && /^[./]/.test(chart) && !fs.existsSync(chart))
    faults.push({ property: "chart", reason: `is "${chart}", and there is nothing` });
  if (timeout !== undefined && timeout !== UNKNOWN && !(typeof timeout === "number" && timeout > 0))
    faults.push({ property: "timeout", reason: `is ${JSON.stringify(timeout)}, not a number of seconds` });
  for (const key of Object.keys(record(inputs.repositoryOpts)))
    if (key !== "repo")
      faults.push({ property: `repositoryOpts.${key}`, reason: "the stand-in does not know this input" });
  return faults;
}

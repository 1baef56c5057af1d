import { parse, parseAllDocuments } from "yaml";

import { UNKNOWN, type InputError, type Props, type FakeProvider } from "../fake-provider";
import { ApiServer } from "./api-server";
import { kubeconfigText } from "./connection";
import { helm, HelmError } from "./helm";
import { templateArgs } from "./helm-args";
import { objectType, type Cluster } from "./objects";
import { releaseType } from "./releases";
import { parseApiType, RELEASE_TOKEN } from "./token";
import { list, record, text } from "./values";

/** The provider's arguments that the stand-in carries out. Booleans arrive as "true" and "false". */
const ARGS = new Set([
  "clusterIdentifier",
  "enableSecretMutable",
  "kubeconfig",
  "upsertExistingObjects",
  "version",
]);

const isTrue = (value: unknown): boolean => value === true || value === "true";

function validateArgs(args: Props): readonly InputError[] {
  const faults: InputError[] = Object.keys(args)
    .filter((property) => !ARGS.has(property))
    .map((property) => ({ property, reason: "the stand-in does not know this provider argument" }));
  if (args.kubeconfig !== UNKNOWN) {
    const reason = validateKubeconfig(text(args.kubeconfig));
    if (reason !== undefined) faults.push({ property: "kubeconfig", reason });
  }
  return faults;
}

/** Checks the format only; whether the cluster answers is seen at the first request. */
function validateKubeconfig(kubeconfig: string | undefined): string | undefined {
  if (kubeconfig === undefined || kubeconfig === "")
    return "is missing: the stand-in uses no default cluster";
  let parsed: unknown;
  try {
    parsed = parse(kubeconfigText(kubeconfig));
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    return missing ? `names a file that does not exist: ${kubeconfig}` : "is not YAML";
  }
  return list(record(parsed).clusters).length > 0 ? undefined : "names no cluster: it is no kubeconfig";
}

interface Configured extends Cluster {
  readonly kubeconfig: string;
}

/** The stand-in for the Kubernetes provider; configured once in a process, like every provider. */
export function kubernetes(): FakeProvider {
  let configured: Configured | undefined;
  const cluster = (): Configured => {
    if (configured === undefined) throw new Error("the kubernetes provider is not configured");
    return configured;
  };

  return {
    name: "kubernetes",
    version: "4.34.2",
    checkConfig: validateArgs,

    configure(args) {
      const kubeconfig = text(args.kubeconfig) ?? "";
      configured = {
        kubeconfig,
        api: new ApiServer(kubeconfig),
        upsert: isTrue(args.upsertExistingObjects),
        mutableSecrets: isTrue(args.enableSecretMutable),
      };
    },

    findType(token) {
      if (token === RELEASE_TOKEN) return releaseType(cluster);
      const type = parseApiType(token);
      return type && objectType(type, cluster);
    },

    async invoke(token, { jsonOpts }) {
      if (token !== "kubernetes:helm:template") throw new Error(`the stand-in has no function "${token}"`);
      const opts = record(JSON.parse(text(jsonOpts) ?? ""));
      try {
        const yaml = await helm(cluster(), templateArgs(opts), JSON.stringify(opts.values ?? {}));
        const objects = parseAllDocuments(yaml).map((each) => each.toJS() as unknown);
        return { result: objects.filter((each) => each !== null) };
      } catch (error) {
        if (!(error instanceof HelmError)) throw error;
        throw new Error(
          `failed to generate YAML for specified Helm chart: failed to create chart from template: ${error.message}`,
          { cause: error },
        );
      }
    },
  };
}

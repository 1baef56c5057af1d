import * as fs from "node:fs";

import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { parseAllDocuments } from "yaml";
import { z } from "zod";

import { gatewayApiUrl, gatewayApiVersion } from "../charts";
import { fetchTextSync } from "./fetch-text-sync";

export interface GatewayApiArgs {
  /** The URL or file of upstream's `standard-install.yaml`. */
  readonly source: string;
}

/** The objects of the standard channel. */
const bundleObjects = [
  ...[
    "backendtlspolicies",
    "gatewayclasses",
    "gateways",
    "grpcroutes",
    "httproutes",
    "listenersets",
    "referencegrants",
    "tcproutes",
    "tlsroutes",
    "udproutes",
  ].map((plural) => ({
    role: plural,
    kind: "CustomResourceDefinition",
    name: `${plural}.gateway.networking.k8s.io`,
  })),
  // As long as these two exist, they reject the installation of an older version or of the experimental channel.
  ...["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"].map((kind) => ({
    role: kind.endsWith("Binding") ? "safe-upgrades-binding" : "safe-upgrades",
    kind,
    name: "safe-upgrades.gateway.networking.k8s.io",
  })),
] as const;

/**
 * The CustomResourceDefinitions of Gateway API, as upstream publishes them. Components that read or create Gateways and
 * HTTPRoutes must depend on it.
 *
 * The definitions are kept when the component is deleted, since the deletion of a definition also deletes every object of
 * its kind in the cluster, whoever created it. They may therefore exist before the component is created: pass a provider
 * with `upsertExistingObjects`.
 *
 * @throws {pulumi.RunError} The source cannot be read, or is not this version of the standard channel.
 * @see https://gateway-api.sigs.k8s.io/guides/getting-started/introduction/
 */
export class GatewayApi extends pulumi.ComponentResource {
  constructor(name: string, { source }: GatewayApiArgs, opts?: pulumi.ComponentResourceOptions) {
    const definitions = readDefinitions(source);
    super("platform:networking:GatewayApi", name, {}, opts);

    for (const { role, ...definition } of definitions)
      new kubernetes.apiextensions.CustomResource(`${name}-${role}`, definition, {
        parent: this,
        retainOnDelete: definition.kind === "CustomResourceDefinition",
      });

    this.registerOutputs({});
  }
}

const versionAnnotation = "gateway.networking.k8s.io/bundle-version";
const channelAnnotation = "gateway.networking.k8s.io/channel";

const object = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), annotations: z.record(z.string(), z.string()) }),
  spec: z.record(z.string(), z.unknown()),
});

type Definition = z.output<typeof object> & { readonly role: string };

/** The objects in {@link bundleObjects}, as the source defines them. */
function readDefinitions(source: string): Definition[] {
  const bundle = readBundle(source);
  return bundleObjects.map(({ role, kind, name }) => {
    const found = bundle.find((each) => each.kind === kind && each.metadata.name === name);
    if (found === undefined) throw bundleError(`${source} contains no ${kind} ${name}`);
    const { [versionAnnotation]: version, [channelAnnotation]: channel } = found.metadata.annotations;
    if (version !== gatewayApiVersion || channel !== "standard")
      throw bundleError(`${source} is ${String(version)} of the channel ${String(channel)}`);
    return { role, ...found };
  });
}

function readBundle(source: string): z.output<typeof object>[] {
  try {
    const text = /^https?:\/\//.test(source) ? fetchTextSync(source) : fs.readFileSync(source, "utf8");
    // Computing the line and column of errors takes several times as long.
    const documents = parseAllDocuments(text, { prettyErrors: false });
    return documents.flatMap((document) => object.safeParse(document.toJS()).data ?? []);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw bundleError(`${source} could not be read: ${reason}`);
  }
}

const bundleError = (what: string): pulumi.RunError =>
  new pulumi.RunError(
    `Gateway API: ${what}, want the standard-install.yaml of ${gatewayApiVersion} from ${gatewayApiUrl()}, there or as ` +
      "the file in ingress.gatewayApi; or ingress.gatewayApi: installed if the cluster has it.",
  );

import "./engine/lazy-serialization";

import { createRequire } from "node:module";

import * as pulumi from "@pulumi/pulumi";
import type {
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
} from "@pulumi/pulumi/proto/resource_pb";

import { stackResource, type StackResource } from "../stack/read-stack";
import type { PreviewInput, PreviewResult } from "./mock-preview";
import { cloudflareProvider } from "./plugins/cloudflare/provider";
import { UNKNOWN, type Props } from "./plugins/fake-provider";
import { hcloud } from "./plugins/hcloud/provider";
import { formatPath } from "./summary";

const load = createRequire(__filename);
// Most of what the program imports: it is loaded while the clouds start.
load("../components");

/** The registrations of a program: its resources, in their order, and the outputs of the stack. */
interface Registrations {
  readonly resources: StackResource[];
  outputs: Props;
}

async function preview({ project, stack, config, secretKeys }: PreviewInput): Promise<PreviewResult> {
  const mocks = { newResource, call: mockCall(config) };
  await pulumi.runtime.setMocks(mocks, project, stack, true, "organization");
  const texts = Object.entries(config).map(
    ([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)] as const,
  );
  pulumi.runtime.setAllConfig(Object.fromEntries(texts), [...secretKeys]);
  const registrations = record();
  try {
    await pulumi.runtime.runInPulumiStack(() => Promise.resolve(load("../index") as Props));
    await pulumi.runtime.disconnect();
  } catch (error) {
    // Other errors may be due to what is not there before the build, such as the charts.
    const isOfSettings = pulumi.RunError.isInstance(error) && / wrong in Pulumi\./.test(error.message);
    if (isOfSettings) return { settingsErrors: error.message };
    throw error;
  }
  const text = `${formatCounts(registrations.resources)}\n\n${formatPath(registrations)}`;
  return { text: text.replaceAll(UNKNOWN, "(not known yet)") };
}

/** A resource whose outputs are its inputs: what its provider computes is unknown, as in any preview. */
const newResource = ({ inputs }: pulumi.runtime.MockResourceArgs) => ({
  id: undefined,
  state: inputs as Props,
});

/** Answers a function of a provider from the emulated clouds. */
function mockCall(config: Props) {
  const providers = [cloudflareProvider(), hcloud()];
  for (const provider of providers) {
    const { name } = provider;
    const own = Object.entries(config).filter(([key]) => key.startsWith(`${name}:`));
    provider.configure(Object.fromEntries(own.map(([key, value]) => [key.slice(name.length + 1), value])));
  }
  return ({ token, inputs }: pulumi.runtime.MockCallArgs): Promise<Props> => {
    const provider = providers.find(({ name }) => token.startsWith(`${name}:`));
    if (provider?.invoke === undefined) throw new Error(`the function ${token} has no mock`);
    return provider.invoke(token, inputs as Props);
  };
}

/** Records what the mocks do not show: parents, and the outputs of the stack. No hook runs. */
function record(): Registrations {
  const registrations: Registrations = { resources: [], outputs: {} };
  const monitor = pulumi.runtime.getMonitor() as Record<
    "registerResource" | "registerResourceOutputs" | "registerResourceHook" | "registerErrorHook",
    (request: unknown, done: (error: null, response: object) => void) => unknown
  >;
  const { registerResource, registerResourceOutputs } = monitor;
  monitor.registerResource = (request, done) => {
    const resource = request as RegisterResourceRequest;
    const [type, parent] = [resource.getType(), resource.getParent()];
    const urn = `${parent.split("::").slice(0, 3).join("::")}$${type}::${resource.getName()}`;
    const inputs = resource.getObject()?.toJavaScript() ?? {};
    registrations.resources.push(stackResource.parse({ urn, type, parent, inputs }));
    return registerResource.call(monitor, request, done);
  };
  monitor.registerResourceOutputs = (request, done) => {
    const of = request as RegisterResourceOutputsRequest;
    if (of.getUrn().includes("::pulumi:pulumi:Stack::"))
      registrations.outputs = of.getOutputs()?.toJavaScript() ?? {};
    return registerResourceOutputs.call(monitor, request, done);
  };
  monitor.registerResourceHook = monitor.registerErrorHook = (_request, done) => done(null, {});
  return registrations;
}

/** The number of resources, and of those in each kind of component. */
function formatCounts(resources: readonly StackResource[]): string {
  const counts = new Map<string, number>();
  for (const { type, parent } of resources) {
    const component = /platform:networking:(\w+)(?!.*platform:networking)/.exec(`${parent} ${type}`)?.[1];
    if (component !== undefined) counts.set(component, (counts.get(component) ?? 0) + 1);
  }
  const listed = [...counts].map(([component, count]) => `${component} ${count}`).join(", ");
  return `${resources.length} resources will be created, of which ${listed}.`;
}

process.once("message", (input: PreviewInput) => {
  void preview(input)
    .catch((error: unknown) => ({ problem: error instanceof Error ? error.message : String(error) }))
    .then((result) => process.send?.(result, () => process.exit()));
});

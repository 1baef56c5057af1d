import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";

import { hookNames, type HookNames } from "./hooks";

/** A value as JSON has it: what the engine was given, secrets unwrapped. */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };

export type Values = Record<string, Value>;

/** One registration, as the engine sees it: after inheritance and transformations. */
export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly inputs: Values;
  /** Dotted paths of inputs that were marked secret. */
  readonly secrets: readonly string[];
  /** `<type> <name>` of the parent; empty for the stack. */
  readonly parent: string;
  /** The name of the explicit provider; empty means a default one. */
  readonly provider: string;
  readonly custom: boolean;
  /** What must be there first, as `<type> <name>`, whether said as `dependsOn` or read from an output. */
  readonly dependencies: readonly string[];
  readonly replaceWith: readonly string[];
  /** What it is replaced for when it changes; undefined where nothing is said. */
  readonly replacementTrigger: Value | undefined;
  readonly deleteBeforeReplace: boolean;
  /** Whether its successor comes first, whatever the provider would do. */
  readonly createBeforeDelete: boolean;
  readonly protect: boolean;
  /** Whether it stays when the program has it no more. */
  readonly retainOnDelete: boolean;
  /** Inputs of which a change makes no difference, as paths. */
  readonly ignoreChanges: readonly string[];
  /** The id of what it takes over; empty for what is made. */
  readonly importId: string;
  readonly hooks: HookNames;
}

const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** A value that the engine was given, in plain; where it was secret, `secrets` gets the path. */
export function unwrap(value: unknown, at: string, secrets: string[]): Value {
  const below = (key: string | number) => (at === "" ? String(key) : `${at}.${key}`);
  if (Array.isArray(value)) return value.map((each, index) => unwrap(each, below(index), secrets));
  if (typeof value !== "object" || value === null) return value as Value;
  if (signature in value && value[signature] === secretSignature && "value" in value) {
    secrets.push(at);
    return unwrap(value.value, at, secrets);
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, unwrap(each, below(key), secrets)]),
  );
}

/** `urn:pulumi:<stack>::<project>::<parents>$<type>::<name>` as `<type> <name>`. */
export function shortUrn(urn: string): string {
  const [, , types = "", ...name] = urn.split("::");
  const type = types.split("$").at(-1) ?? "";
  return type === "pulumi:pulumi:Stack" || type === "" ? "" : `${type} ${name.join("::")}`;
}

/** A reference to a provider is its URN, and `::<id>`. */
export const providerName = (reference: string): string => reference.split("::")[3] ?? "";

/** What a request asks the engine for. */
export function recorded(request: RegisterResourceRequest): Recorded {
  const secrets: string[] = [];
  const inputs = unwrap(request.getObject()?.toJavaScript() ?? {}, "", secrets) as Values;
  return {
    type: request.getType(),
    name: request.getName(),
    inputs,
    secrets,
    parent: shortUrn(request.getParent()),
    provider: providerName(request.getProvider()),
    custom: request.getCustom(),
    dependencies: request.getDependenciesList().map(shortUrn).sort(),
    replaceWith: request.getReplaceWithList().map(shortUrn).sort(),
    replacementTrigger: request.hasReplacementTrigger()
      ? (request.getReplacementTrigger()?.toJavaScript() as Value)
      : undefined,
    deleteBeforeReplace: request.getDeletebeforereplace(),
    createBeforeDelete: request.getDeletebeforereplacedefined() && !request.getDeletebeforereplace(),
    protect: request.getProtect() ?? false,
    retainOnDelete: request.getRetainondelete() ?? false,
    ignoreChanges: request.getIgnorechangesList(),
    importId: request.getImportid(),
    hooks: hookNames(request),
  };
}

import type { Props } from "../fake-provider";
import { toCamel, toSnake } from "./case";
import type { Json } from "./client";

/** The body of a POST: what is given, in the API's spelling. */
export function toBody(inputs: Props): Json {
  const { name, type, ttl, content, data, proxied, priority, comment, tags, settings, privateRouting } =
    inputs;
  const given = {
    name,
    type,
    ttl,
    content,
    data,
    proxied,
    priority,
    comment,
    tags,
    settings,
    privateRouting,
  };
  return toSnake(without(undefined, given)) as Json;
}

/** The body of a PUT: all that is given, and null for what was given before. */
export function toFullBody(inputs: Props, last: Props): Json {
  const cleared = Object.keys(toBody(last)).map((key) => [key, null] as const);
  return { ...Object.fromEntries(cleared), ...toBody(inputs) };
}

/** The computed outputs, and inputs that the program leaves to the API. */
export function toComputed(found: Json, inputs: Props): Props {
  const all = toOutputs(found);
  return Object.fromEntries(Object.entries(all).filter(([key]) => inputs[key] === undefined));
}

/** Every output; `meta` is JSON text there. Null, as for no comment, is absent. */
export function toOutputs(found: Json): Props {
  const meta = JSON.stringify(found.meta ?? {});
  return { ...(toCamel(without(null, { ...found, id: null })) as Json), meta };
}

/**
 * The inputs that describe what was found. Settings, tags and the content of a record made by `data` belong to
 * the API unless the program says them, so they are no drift.
 */
export function toInputs(zoneId: string, found: Json, last: Props): Props {
  const isImport = Object.keys(last).length === 0;
  const { name, type, content, ttl, proxied, priority, comment, data, tags, settings } = toOutputs(found);
  const isSaid = (key: string, hasMeaning: boolean) => last[key] !== undefined || (isImport && hasMeaning);
  const inputs: Props = {
    zoneId,
    name: isSameName(last.name, String(name)) ? last.name : name,
    type,
    ttl,
    proxied,
    priority,
    comment,
    includeShadowMetadata: last.includeShadowMetadata ?? false,
    privateRouting: last.privateRouting,
    ...((data === undefined || last.content !== undefined) && {
      content: type === "CNAME" && isSameText(last.content, content) ? last.content : content,
    }),
    ...(data !== undefined && { data: keepNotation(data as Json, last.data) }),
    ...(isSaid("tags", (tags as readonly unknown[]).length > 0) && { tags }),
    ...(isSaid("settings", Object.values(settings as object).includes(true)) && { settings }),
  };
  return without(undefined, inputs);
}

/** The real provider takes the API's full name for the relative one, and `@` for any name with a dot. */
function isSameName(said: unknown, found: string): boolean {
  if (typeof said !== "string") return false;
  return said === "@"
    ? found.includes(".")
    : found === said || found.startsWith(`${said.replace(/\.$/, "")}.`);
}

const isSameText = (said: unknown, found: unknown) =>
  typeof said === "string" && said.toLowerCase() === String(found).toLowerCase();

/** `flags` may be given as text; the API answers a number. */
function keepNotation(found: Json, said: unknown): Json {
  const last = (said ?? {}) as Json;
  return Object.fromEntries(
    Object.entries(found).map(
      ([key, value]) => [key, String(last[key]) === String(value) ? last[key] : value] as const,
    ),
  );
}

function without(nothing: null | undefined, props: Props): Props {
  return Object.fromEntries(Object.entries(props).filter(([, value]) => value !== nothing));
}

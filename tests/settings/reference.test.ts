import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { parse } from "yaml";

import { parseConfig } from "../../settings/parse";
import { root } from "../config";

/** A key of the configuration reference. */
interface Key {
  /** From the top: `apps.<name>.egress[].ports`. */
  readonly path: string;
  /** The variants that have the key: `type: CAA with tag iodef, SRV`. Empty: all. */
  readonly variants: string;
  /** The permitted values; and whether the key is required, or its default: `whole number, 1 to 255. Required.` */
  readonly facts: string;
  /** A default of several lines, in YAML. */
  readonly block: string | undefined;
}

const reference = fs.readFileSync(path.join(root, "docs", "configuration.md"), "utf8");

const keyPattern = /^- `([^`]+)`(?: \(([^)]+)\))?: (.*)(?:\n\n {2}```yaml\n([^`]*)```)?$/gm;

const keys: readonly Key[] = reference.split(/^##+ `/m).flatMap((section) => {
  const [, prefix = "", own = ""] = /^([^`]+)`\n\n(.*)\n/.exec(section) ?? [];
  const isTop = !/[.[]/.test(prefix);
  const inside = [...section.matchAll(keyPattern)].map(([, name = "", variants = "", facts = "", block]) => {
    return { path: `${prefix}.${name}`, variants, facts, block };
  });
  return [...(isTop ? [{ path: prefix, variants: "", facts: own, block: undefined }] : []), ...inside];
});

/** The alternatives between which the variants of an object differ; none for an object without variants. */
const findVariants = (object: string, name: string): string[] => {
  const { facts = "" } = keys.find((key) => key.path === `${object}.${name}`) ?? {};
  return facts.includes(" or ") ? [] : [...facts.matchAll(/`(\w+)`[,.]/g)].map(([, each = ""]) => each);
};

/** A config with one value. Objects around it are of a type that has the key. */
const buildConfig = (key: Key, value: unknown): Record<string, unknown> =>
  key.path.split(".").reduceRight<unknown>((inner, step, index, steps) => {
    const at = steps.slice(0, index + 1).join(".");
    const object = steps.slice(0, index).join(".");
    const { variants = "" } = at === key.path ? key : (keys.find((each) => each.path === at) ?? {});
    const [, type = findVariants(object, "type")[0], tag = findVariants(object, "tag")[0]] =
      /^type: (\w+)(?: with tag (\w+))?/.exec(variants) ?? [];
    return {
      ...(type !== undefined && { type }),
      ...(tag !== undefined && type === "CAA" && { tag }),
      ...(step.endsWith("[]")
        ? { [step.slice(0, -2)]: [inner] }
        : { [step.replace("<name>", "admin")]: inner }),
    };
  }, value) as Record<string, unknown>;

/** The error messages for a value of a key, or for what is at a path inside of it. */
const messagesFor = (key: Key, value: unknown, inside = ""): string[] =>
  parseConfig(buildConfig(key, value)).errors.flatMap(({ path, message }) =>
    path === toConcretePath(key) + inside ? [message] : [],
  );

/** The path of a key in {@link buildConfig}. */
const toConcretePath = (key: Key): string => key.path.replaceAll("[]", ".0").replaceAll("<name>", "admin");

/** The permitted range of a documented number. */
function readRange(facts: string): { readonly least?: number; readonly most?: number } {
  const [, from, to] = /number, (-?\d+) to (\d+)/.exec(facts) ?? [];
  const [, least = from] = /number, at least (\d+)/.exec(facts) ?? [];
  const [, most = to] = /number, at most (\d+)/.exec(facts) ?? [];
  return { ...(least && { least: Number(least) }), ...(most && { most: Number(most) }) };
}

const parseText = (text: string): unknown =>
  /^(true|false|\d+(\.\d+)?)$/.test(text) ? JSON.parse(text) : text;

/** A config without any value that has a default, and with every object that has such values inside. */
const sparse = {
  cluster: { identifier: "k3s", nodes: 3, nodeCidr: "10.0.0.0/16", apiServer: {} },
  loadBalancer: {
    ...{
      name: "k3s-lb",
      location: "fsn1",
      networkId: 1,
      labelSelector: "a=b",
      nodePorts: {},
      healthCheck: {},
    },
    services: [{ name: "ssh", listenPort: 22, destinationPort: 2222, healthCheck: {} }],
  },
  dns: {
    zone: "example.com",
    zoneId: "0123456789abcdef0123456789abcdef",
    records: [
      { type: "MX", name: "@", content: "mail.example.com" },
      { type: "CAA", name: "@", tag: "issue", value: "letsencrypt.org" },
      { type: "HTTPS", name: "@" },
    ],
  },
  certificates: { email: "admin@example.com" },
  cilium: {},
  mesh: {},
  ingress: { replicas: {}, resources: {} },
  namespace: "production",
  edge: { hsts: { maxAgeSeconds: 0 } },
  waf: { owasp: {}, redirects: [{ from: "www.example.com", to: "example.com" }] },
  externalDns: { domains: ["example.com"] },
  apps: {
    web: {
      image: "x:1",
      port: 80,
      resources: {},
      canary: { image: "x:2", weight: 1 },
      service: { type: "ClusterIP", affinity: {} },
      egress: [{ host: "example.org", ports: [443] }],
      traffic: { retry: {}, circuitBreaking: {}, routes: [{ name: "a", path: "/", retry: {} }] },
      routes: [
        { host: "example.com", cors: { origins: ["https://example.com"] }, paths: [{ path: "/a" }] },
        { host: "www.example.com", redirect: { to: "example.com" } },
      ],
    },
    scaled: {
      ...{ image: "x:1", port: 80, autoscaling: { max: 3 } },
      serviceProfile: { routes: [{ name: "all", pathRegex: "/" }], retryBudget: {} },
      service: { type: "LoadBalancer", loadBalancer: { name: "b", location: "fsn1", healthCheck: {} } },
    },
  },
};

/** Sets the documented default of a key in each object that can have the key. Returns the number of objects. */
function setDefault(inside: object, path: readonly string[], variants: string, preset: unknown): number {
  const [step = "", ...rest] = path;
  const name = step.replace("[]", "");
  const object = inside as Record<string, unknown>;
  if (rest.length === 0) {
    if (variants !== "" && !variants.split(/\W+/).includes(String(object.type))) return 0;
    object[name] ??= preset;
    return 1;
  }
  const inner = step === "<name>" ? Object.values(object) : [object[name]].flat();
  return inner.reduce<number>(
    (count, each) =>
      count + (typeof each === "object" && each !== null ? setDefault(each, rest, variants, preset) : 0),
    0,
  );
}

/** An error in this union is about all of its variants, none of which has a key that tells it from the others. */
const isInUnion = ({ path }: Key): boolean =>
  path.includes(".http.certificates") || path.startsWith("apps.<name>.ports.<name>.");

const commas = (text: string): string => text.replaceAll(" or ", ", ");

describe("docs/configuration.md", () => {
  it("lists every key", () => assert.ok(keys.length > 300));

  for (const key of keys.filter((each) => !isInUnion(each))) {
    const { facts } = key;
    const title = `${key.path}${key.variants && ` (${key.variants})`}`;
    const [values = ""] = facts.replace("list of: ", "").split(/\. (?=[A-Z])|\.$/);
    const messages = (value: unknown) =>
      facts.startsWith("list of: ") ? messagesFor(key, [value], ".0") : messagesFor(key, value);

    if (/^(whole )?number/.test(values))
      it(`${title} is a ${values}`, () => {
        const { least, most } = readRange(values);
        for (const [bound, beyond] of [
          [least, -1],
          [most, 1],
        ] as const)
          if (bound !== undefined) {
            assert.deepEqual(messages(bound), []);
            assert.equal(messages(bound + beyond).length, 1, `accepts ${bound + beyond}`);
          }
        if (values.startsWith("whole")) assert.deepEqual(messages(2.5), ["got 2.5, want a whole number"]);
        assert.deepEqual(messages("1"), ['got "1", want a number']);
      });
    else if (/^`.*`$/.test(values))
      it(`${title} is ${commas(values)}`, () => {
        for (const [, each = ""] of values.matchAll(/`([^`]+)`/g))
          assert.deepEqual(messages(parseText(each)), []);
        const [message = ""] = messages("other").map(commas);
        assert.ok(message.startsWith(`got "other", want ${commas(values).replaceAll("`", "")}`), message);
      });
    else if (values === "object")
      it(`${title} is an object without other keys`, () => {
        assert.deepEqual(messages("other"), ['got "other", want keys and values']);
        assert.deepEqual(messagesFor(key, { other: 1 }, ".other"), ["is not a known key"]);
      });
    else if (values === "list of objects")
      it(`${title} is a list`, () => assert.deepEqual(messagesFor(key, {}), ["got {}, want a list"]));

    if (facts.endsWith("Required."))
      it(`${title} is required`, () => {
        const { errors } = parseConfig(buildConfig(key, undefined));
        const missing = errors.filter(({ message }) => message.startsWith("is missing, want "));
        assert.ok(missing.some(({ path }) => path.startsWith(toConcretePath(key))));
      });
  }

  it("states the default of every key", () => {
    const written = structuredClone(sparse);
    const unset = keys.flatMap(({ path, variants, facts, block }) => {
      const [, text] = /Default: `(.*)`\.$/.exec(facts) ?? [];
      if (text === undefined && block === undefined) return [];
      const preset: unknown =
        block || /^[[{]/.test(text ?? "") ? parse(block ?? text ?? "") : parseText(text ?? "");
      return setDefault(written, path.split("."), variants, preset) === 0 ? [path] : [];
    });
    // Not in a config with managedBy: pulumi.
    assert.deepEqual(unset, ["loadBalancer.ccm.healthCheck.protocol"]);
    assert.deepEqual(parseConfig(sparse).errors, []);
    assert.deepEqual(parseConfig(written), parseConfig(sparse));
  });
});

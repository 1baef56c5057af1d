import { domainToASCII } from "node:url";

import { z } from "zod";

/** What is wanted of a refused text that has this pattern, with the reason. */
export type Reasons = readonly (readonly [pattern: RegExp, want: string])[];

/** The message for a refused text: of the first reason that fits, otherwise `want`. */
export const because = (want: string, reasons: Reasons) => ({
  error: ({ input }: { readonly input?: unknown }) =>
    reasons.find(([pattern]) => typeof input === "string" && pattern.test(input))?.[1] ?? want,
});

/** A text of this pattern; `want`, or the reason that fits, says in the fault what was wanted. */
export const matching = (pattern: RegExp, want: string, reasons: Reasons = []) =>
  z.string().regex(pattern, because(want, reasons));

export const label = matching(
  /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
  "lower-case letters, digits and dashes, a letter first, 63 at most",
);

/**
 * A name whose labels may be written in any script: `müller.example.com` becomes `xn--mller-kva.example.com`. What is
 * ASCII stays as it is, so that `*`, `@` and `_dmarc` do, and an upper-case name is still refused.
 *
 * @see https://www.unicode.org/reports/tr46/
 */
export const punycode = (name: string): string =>
  name
    .split(/[.\u3002]/u)
    .map(punycodeLabel)
    .join(".");

function punycodeLabel(text: string): string {
  // What is no letter, digit or symbol is left for the pattern to refuse: as part of a URL, a slash would be cut off.
  if (!/^[\p{L}\p{M}\p{N}\p{S}_-]+$/u.test(text) || /^[\x20-\x7e]+$/.test(text)) return text;
  // A last label of digits would be read as an IPv4 address, so another one comes behind it.
  return domainToASCII(`${text}.x`).slice(0, -".x".length);
}

const named = (pattern: RegExp, want: string, reasons: Reasons) =>
  z.string().overwrite(punycode).regex(pattern, because(want, reasons));

const spelledWith = (lowerCase: string): Reasons => [
  [/^[^/]+\.$/, "it without the dot at its end"],
  [/^(?=.*[A-Z])[\w.*@-]+$/, lowerCase],
];

/** Why a name in DNS may be refused although it is a good one there. */
export const spelling = spelledWith("lower case: DNS knows no case");

/** Likewise for a name that objects in the cluster have too. */
export const hostSpelling = spelledWith(
  "lower case: DNS knows no case, and Kubernetes takes lower case only",
);

const hostAlone: Reasons = [
  [/\/|^[^:]*:\d+$/, "the host alone, without scheme, port or path"],
  [/^\d+(\.\d+){3}$|:.*:/, "a host name: an address is none"],
];

/** A host name of at least two labels, 253 characters at most, no trailing dot. `star` refuses a wildcard. */
export const hostNamed = (star: string) =>
  named(
    /^(?=.{1,253}$)([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]([-a-z0-9]{0,61}[a-z0-9])$/,
    "a host name in lower case, such as api.example.com",
    [[/\*/, star], ...hostAlone, ...hostSpelling],
  );

export const hostName = hostNamed("one host by its full name: a wildcard cannot be used here");

/** As {@link hostName}, and its labels may begin with an underscore, as those that prove something do. */
export const targetName = named(
  /^(?=.{1,253}$)([a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9])?\.)+[a-z]([-a-z0-9]{0,61}[a-z0-9])$/,
  "a host name in lower case, such as api.example.com",
  [[/\*/, "one host by its full name: a record cannot lead to a wildcard"], ...hostAlone, ...spelling],
);

/** A name relative to the zone: `@`, `www`, `*.dev`, `_dmarc`. */
export const recordName = named(
  /^(@|(\*|[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9])?)(\.[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9])?)*)$/,
  "a name relative to the zone in lower case, such as @, www or *.dev",
  [...spelling, [/\*/, "a star only as the whole first part, such as *.dev: DNS knows no other wildcard"]],
);

/** As {@link recordName}, of an SRV record. */
export const serviceName = named(
  /^_[-a-z0-9]+\._[a-z]+(\.[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9])?)*$/,
  "a name that begins with _service._protocol, such as _sip._tcp",
  spelling,
);

export const port = z.int().min(1).max(65535);

const isSaid = (value: unknown): boolean =>
  typeof value !== "object" || value === null || Array.isArray(value) || Object.keys(value).length > 0;

/**
 * A section that need not be said. An empty one says nothing either: a key that Pulumi.yaml declares must have a
 * default there, and `{}` is it.
 */
export const unsaid = <T extends z.ZodType>(section: T) =>
  z.preprocess((value) => (isSaid(value) ? value : undefined), section.optional()).optional();

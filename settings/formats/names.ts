import { domainToASCII } from "node:url";

import { z } from "zod";

/** Patterns of invalid values, each with what is wanted instead and why. */
export type Reasons = readonly (readonly [pattern: RegExp, want: string])[];

/** The error message for an invalid value: that of the first pattern that it matches, otherwise `want`. */
export const reasoned = (want: string, reasons: Reasons) => ({
  error: ({ input }: { readonly input?: unknown }) =>
    reasons.find(([each]) => typeof input === "string" && each.test(input))?.[1] ?? want,
});

/** A string that matches a pattern. `want` and `reasons` are for the error message. */
export const pattern = (regex: RegExp, want: string, reasons: Reasons = []) =>
  z.string().regex(regex, reasoned(want, reasons));

/** A whole number in a range. */
export const integer = (min: number, max: number) => {
  const error = `${min} to ${max}`;
  return z.int().min(min, { error }).max(max, { error });
};

export const label = pattern(
  /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
  "lower-case letters, digits and dashes, a letter first, 63 at most",
);

/**
 * An internationalized name in punycode: `müller.example.com` becomes `xn--mller-kva.example.com`. ASCII labels stay
 * unchanged, such as `*`, `@` and `_dmarc`, so that upper case is still rejected.
 *
 * @see https://www.unicode.org/reports/tr46/
 */
const toPunycode = (name: string): string =>
  name
    .split(/[.\u3002]/u)
    .map(labelToPunycode)
    .join(".");

function labelToPunycode(text: string): string {
  // Other characters are left for the pattern to reject: in a URL, a slash would end the host.
  if (!/^[\p{L}\p{M}\p{N}\p{S}_-]+$/u.test(text) || /^[\x20-\x7e]+$/.test(text)) return text;
  // A last label of digits would be parsed as an IPv4 address, so another label follows.
  return domainToASCII(`${text}.x`).slice(0, -".x".length);
}

const internationalName = (regex: RegExp, want: string, reasons: Reasons) =>
  z.string().overwrite(toPunycode).regex(regex, reasoned(want, reasons));

const spelledWith = (lowerCase: string): Reasons => [
  [/^[^/]+\.$/, "it without the trailing dot"],
  [/^(?=.*[A-Z])[\w.*@-]+$/, lowerCase],
];

/** Reasons to reject a spelling that DNS itself would accept. */
export const spelling = spelledWith("lower case: DNS is not case-sensitive");

/** The same, for a name that Kubernetes objects have too. */
export const hostSpelling = spelledWith(
  "lower case: DNS is not case-sensitive, and Kubernetes accepts lower case only",
);

const hostAlone: Reasons = [
  [/\/|^[^:]*:\d+$/, "only the host, without scheme, port or path"],
  [/^\d+(\.\d+){3}$|:.*:/, "a host name, not an address"],
];

const hostWant = "a host name in lower case, such as api.example.com";

/** A host name of two or more labels, at most 253 characters, no trailing dot. */
export const hostName = internationalName(
  /^(?=.{1,253}$)([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]([-a-z0-9]{0,61}[a-z0-9])$/,
  hostWant,
  [[/\*/, "one full host name: wildcards are not supported here"], ...hostAlone, ...hostSpelling],
);

/** A {@link hostName}, or a star in place of its first label. */
export const hostOrWildcard = internationalName(
  /^(?=.{1,253}$)(\*\.)?([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]([-a-z0-9]{0,61}[a-z0-9])$/,
  hostWant,
  [
    ...hostAlone,
    ...hostSpelling,
    [/\*/, "a star only in place of the whole first label, such as *.apps.example.com"],
  ],
);

/** A {@link hostName} whose labels may begin with an underscore, such as those that prove ownership. */
export const targetName = internationalName(
  /^(?=.{1,253}$)([a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9])?\.)+[a-z]([-a-z0-9]{0,61}[a-z0-9])$/,
  "a host name in lower case, such as api.example.com",
  [[/\*/, "one full host name: a record cannot point to a wildcard"], ...hostAlone, ...spelling],
);

/** A name relative to the zone: `@`, `www`, `*.dev`, `_dmarc`. */
export const recordName = internationalName(
  /^(@|(\*|[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9])?)(\.[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9])?)*)$/,
  "a name relative to the zone in lower case, such as @, www or *.dev",
  [...spelling, [/\*/, "a star only as the whole first label, such as *.dev: DNS has no other wildcards"]],
);

/** The {@link recordName} of an SRV record. */
export const serviceName = internationalName(
  /^_[-a-z0-9]+\._[a-z]+(\.[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9])?)*$/,
  "a name that begins with _service._protocol, such as _sip._tcp",
  spelling,
);

export const port = integer(1, 65535);

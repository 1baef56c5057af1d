import { UNKNOWN, type Fault, type Props } from "../stand-in";

/** What one input may be; `want` says it in words. */
export type Check = readonly [property: string, isRight: (value: unknown) => boolean, want: string];

/** What the checks find wrong with inputs that are given and known. Checks of secrets must not be made here: values are told. */
export function faultsOf(inputs: Props, checks: readonly Check[]): readonly Fault[] {
  return checks
    .filter(([property, isRight]) => isKnown(inputs[property]) && !isRight(inputs[property]))
    .map(([property, , want]) => ({
      property,
      reason: `${JSON.stringify(inputs[property])} given, want ${want}`,
    }));
}

/** A private key comes either in `key`, or in its write-only twin together with that twin's version. */
export function keyFaults(inputs: Props, key: string): readonly Fault[] {
  const [twin, version] = [`${key}Wo`, `${key}WoVersion`];
  const has = (property: string) => inputs[property] !== undefined;
  return [
    ...(has(key) === has(twin)
      ? [
          {
            property: key,
            reason: `want exactly one of ${key} and ${twin}, ${has(key) ? "got both" : "got none"}`,
          },
        ]
      : []),
    ...(has(twin) === has(version)
      ? []
      : [{ property: version, reason: `${twin} and ${version} go together, got one of them only` }]),
  ];
}

/** A list, each item of it text or not known yet. */
export const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === "string");

export const isFlag = (value: unknown): boolean => typeof value === "boolean";

/** A whole number from `least`. */
export const isFrom =
  (least: number) =>
  (value: unknown): boolean =>
    Number.isSafeInteger(value) && Number(value) >= least;

const isKnown = (value: unknown) => value !== undefined && value !== UNKNOWN;

import type { Fault, Kind, Props } from "../stand-in";
import { HOUR, type Issued } from "./certificate";
import { faultsOf, isFlag, isFrom, keyFaults } from "./checks";
import { fromState } from "./state";
import { areUses, uses } from "./uses";

/** What makes SelfSignedCert and LocallySignedCert differ. */
export interface CertificateType {
  /** Inputs beside those that all certificates have. */
  readonly inputs: Readonly<Record<string, "required" | "optional">>;
  readonly defaults?: Props;
  /** The input with the private key that signs; the names of its write-only twin and that one's version follow. */
  readonly signingKey: "privateKeyPem" | "caPrivateKeyPem";
  /** The output that tells the algorithm of that key. */
  readonly algorithm: "keyAlgorithm" | "caKeyAlgorithm";
  readonly faults: (inputs: Props) => readonly Fault[];
  readonly issue: (inputs: Props, now: Date) => Issued & { readonly algorithm: string };
}

const shared = {
  allowedUses: "required",
  earlyRenewalHours: "optional",
  isCaCertificate: "optional",
  maxPathLength: "optional",
  setSubjectKeyId: "optional",
  validityPeriodHours: "required",
} as const;

/**
 * A certificate in the state. Every input replaces it but `earlyRenewalHours`; a write-only key does by its version.
 *
 * From `earlyRenewalHours` before its end it is ready for renewal: the next update replaces it, with `readyForRenewal`
 * as the reason.
 */
export function certificateKind(type: CertificateType, now: () => Date): Kind {
  const writeOnly = `${type.signingKey}Wo`;
  const inputs = {
    ...shared,
    ...type.inputs,
    [type.signingKey]: "optional",
    [writeOnly]: "optional",
    [`${writeOnly}Version`]: "optional",
  } as const;
  const readiness = (end: unknown, { earlyRenewalHours }: Props) =>
    Date.parse(String(end)) - Number(earlyRenewalHours) * HOUR <= now().getTime();

  return {
    inputs,
    computed: ["certPem", type.algorithm, "readyForRenewal", "validityEndTime", "validityStartTime"],
    replaceOn: Object.keys(inputs).filter((input) => ![writeOnly, "earlyRenewalHours"].includes(input)),
    due: ({ validityEndTime }, given) => (readiness(validityEndTime, given) ? ["readyForRenewal"] : []),
    withDefaults: (given) => ({
      earlyRenewalHours: 0,
      isCaCertificate: false,
      maxPathLength: -1,
      setSubjectKeyId: false,
      ...type.defaults,
      ...given,
    }),
    faults: (given) => [
      ...faultsOf(given, [
        ["allowedUses", areUses, `a list of ${uses.join(", ")}`],
        ["earlyRenewalHours", isFrom(0), "a whole number from 0"],
        ["isCaCertificate", isFlag, "true or false"],
        ["maxPathLength", isFrom(-1), "a whole number from 0, or -1 for no limit"],
        ["setSubjectKeyId", isFlag, "true or false"],
        ["validityPeriodHours", isFrom(0), "a whole number from 0"],
      ]),
      ...keyFaults(given, type.signingKey),
      ...type.faults(given),
    ],
    async create(given) {
      const { id, outputs, algorithm } = type.issue(given, now());
      const readyForRenewal = readiness(outputs.validityEndTime, given);
      return Promise.resolve({
        id,
        outputs: { ...outputs, [type.algorithm]: algorithm, readyForRenewal, [writeOnly]: undefined },
      });
    },
    async read(id, last) {
      const { inputs: given, outputs } = fromState(id, last, "certPem");
      const isReady = readiness(outputs.validityEndTime, outputs);
      return Promise.resolve({
        inputs: given,
        outputs: { ...outputs, readyForRenewal: isReady, [writeOnly]: undefined },
      });
    },
    update: (_id, given, { outputs }) =>
      Promise.resolve({
        readyForRenewal: readiness(outputs.validityEndTime, given),
        [writeOnly]: undefined,
      }),
    delete: () => Promise.resolve(),
  };
}

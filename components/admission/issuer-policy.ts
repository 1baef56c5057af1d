import { platformNamespaces } from "../namespaces";
import { celList, type AdmissionPolicy } from "./admission-policy";

/** The ClusterIssuers of ACME CAs, which issue certificates for every name of the zone. */
export const acmeIssuers = ["letsencrypt-prod", "letsencrypt-staging", "acme"] as const;

/** The ClusterIssuer that signs with the mesh's trust anchor. */
const meshIssuer = "linkerd-identity-issuer";

const { certManager, linkerd } = platformNamespaces;

/**
 * The policy of the platform's ClusterIssuers, in every namespace. A role such as `edit` may create the objects by which
 * cert-manager issues, and cert-manager approves every request, so the API server decides:
 *
 * - A request with a CSR of its own cannot be checked, since CEL cannot parse it: only cert-manager creates requests, from
 *   Certificates. It checks their names against the spec itself.
 * - With a certificate of the mesh's trust anchor a pod has any identity, so that only Linkerd's own is issued by it.
 *
 * Updates of requests need no rule: cert-manager's webhook keeps their spec.
 */
export const issuerPolicy: AdmissionPolicy = {
  name: "platform-issuers",
  spec: {
    failurePolicy: "Fail",
    matchConstraints: {
      resourceRules: [
        {
          apiGroups: ["cert-manager.io"],
          apiVersions: ["*"],
          resources: ["certificates"],
          operations: ["CREATE", "UPDATE"],
        },
        {
          apiGroups: ["cert-manager.io", "acme.cert-manager.io"],
          apiVersions: ["*"],
          resources: ["certificaterequests", "orders", "challenges"],
          operations: ["CREATE"],
        },
      ],
    },
    matchConditions: [
      // Otherwise the garbage collector could not remove finalizers from a Certificate that was there before.
      { name: "not-being-deleted", expression: "!has(object.metadata.deletionTimestamp)" },
      {
        name: "platform-issuer",
        expression: isIssuedBy([meshIssuer, ...acmeIssuers]),
      },
    ],
    validations: [
      {
        expression: `request.resource.resource == "certificates" || request.userInfo.username == "system:serviceaccount:${certManager}:cert-manager"`,
        messageExpression:
          '"spec.issuerRef: got " + object.spec.issuerRef.name + ", which takes requests from cert-manager only; want a Certificate"',
      },
      {
        expression: `object.spec.issuerRef.name != "${meshIssuer}" || request.namespace == "${linkerd}"`,
        message: `spec.issuerRef: got ${meshIssuer}, which issues in the namespace ${linkerd} only; want an Issuer of your own: its certificates are identities of the mesh`,
      },
    ],
  },
};

/** The CEL condition that an object refers to one of these ClusterIssuers. */
export function isIssuedBy(issuers: readonly string[]): string {
  const reference = "object.spec.issuerRef";
  return `${reference}.?kind.orValue("") == "ClusterIssuer" && ${reference}.name in ${celList(issuers)}`;
}

import { platformNamespaces } from "../namespaces";
import type { AdmissionPolicy } from "./admission-policy";

/** The ServiceAccount of viz's Prometheus, as a user of the API server. */
const prometheus = `system:serviceaccount:${platformNamespaces.linkerdViz}:prometheus`;

/** The only path of the kubelet that viz's Prometheus requests, through the API server. */
const path = "/metrics/cadvisor";

/**
 * The policy of viz's Prometheus at the kubelets. Its chart gives it `get` on `nodes/proxy`, by which the kubelet runs
 * commands in every container. Kubelets that it connects to itself do not ask the API server's admission: the network
 * policy of its namespace denies them.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/
 */
export const nodeProxyPolicy: AdmissionPolicy = {
  name: "platform-node-proxy",
  spec: {
    failurePolicy: "Fail",
    matchConstraints: {
      resourceRules: [
        { apiGroups: [""], apiVersions: ["*"], resources: ["nodes/proxy"], operations: ["CONNECT"] },
      ],
    },
    matchConditions: [{ name: "prometheus", expression: `request.userInfo.username == "${prometheus}"` }],
    variables: [{ name: "path", expression: 'object.?path.orValue("/")' }],
    validations: [
      {
        expression: `variables.path == "${path}"`,
        messageExpression: `"path: got " + variables.path + ", want ${path}; viz's Prometheus reads the metrics of containers only"`,
      },
    ],
  },
};

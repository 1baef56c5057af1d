import type { Check } from "./diagnose";
import type { StepName } from "./finding";
import { checkCluster } from "./steps/cluster";
import { checkDns } from "./steps/dns";
import { checkEdge } from "./steps/edge";
import { checkEndpoints } from "./steps/endpoints";
import { checkExternalDns } from "./steps/external-dns";
import { checkIngress } from "./steps/ingress";
import { checkLoadBalancer } from "./steps/load-balancer";
import { checkMesh } from "./steps/mesh";
import { checkPods } from "./steps/pods";
import { checkPolicy } from "./steps/policy";
import { checkTls } from "./steps/tls";

/** The checks of the steps. A step without one compares its declared objects only. */
export const checks: Readonly<Partial<Record<StepName, Check>>> = {
  dns: checkDns,
  edge: checkEdge,
  "load-balancer": checkLoadBalancer,
  endpoints: checkEndpoints,
  policy: checkPolicy,
  pod: checkPods,
  ingress: checkIngress,
  tls: checkTls,
  mesh: checkMesh,
  cluster: checkCluster,
  "external-dns": checkExternalDns,
};

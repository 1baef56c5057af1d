import { rejects, rejectsUnder, accepts, type Changes } from "./configurations";

describe("node ports", () => {
  const at = (nodePort: number): Changes => ({
    "apps.other": { image: "ghcr.io/org/app:v1.0.0", port: 3000, service: { type: "NodePort", nodePort } },
  });
  const path = "apps.other.service.nodePort";
  rejectsUnder(path, {
    ": got 30080, which the ingress has already, want another": at(30080),
    ": got 30443, which the ingress has already, want another": at(30443),
    ": got 31254, which the ingress has already, want another": at(31254),
    ": got 31080, which ingress-nginx has already, want another": at(31080),
    ": got 31443, which ingress-nginx has already, want another": at(31443),
    ": got 30090, which the ingress has already, want another": {
      ...at(30090),
      "loadBalancer.nodePorts.http": 30090,
    },
    ": got 30090, which the app admin has already, want another": {
      ...at(30090),
      "apps.admin.service": { type: "NodePort", nodePort: 30090 },
    },
  });
  rejects([
    "loadBalancer.nodePorts.http: got 31080, which ingress-nginx has already, want another",
    [
      { "loadBalancer.nodePorts": { http: 31443, https: 31080 } },
      "loadBalancer.nodePorts.http: got 31443, which ingress-nginx has already, want another",
      "loadBalancer.nodePorts.https: got 31080, which ingress-nginx has already, want another",
    ],
  ]);
  rejects({
    "loadBalancer.nodePorts.https: got 30443, which loadBalancer.nodePorts.http has already, want another": {
      "loadBalancer.nodePorts.http": 30443,
    },
  });
  accepts([
    { ...at(30080), "loadBalancer.nodePorts.http": 30090 },
    { ...at(30090), "apps.admin.service": { type: "NodePort", nodePort: 30091 } },
    { "loadBalancer.nodePorts": { http: 31079, https: 31444 } },
  ]);
});

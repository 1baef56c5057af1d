import { describeObject, matchesLabels } from "../live-cluster";
import type { Context } from "../context";
import type { Check } from "../diagnose";
import { countOf, type Finding } from "../finding";
import { isTrue, kinds, type ObjectOf } from "../kinds";

type Service = ObjectOf<typeof kinds.service>;

/** Checks that the Services of the target's apps select ready pods, at ports that these have. */
export const checkEndpoints: Check = async (context) => {
  const declared = context.declared.filter(({ kind, app }) => kind === "Service" && app !== undefined);
  const services = await Promise.all(
    declared.map(({ name, namespace }) => context.cluster.find(kinds.service, name, namespace)),
  );
  const results = await Promise.all(
    services.flatMap((service, index) =>
      service === undefined ? [] : [checkService(context, service, declared[index]?.app)],
    ),
  );
  return { seen: results.map(({ seen }) => seen), findings: results.flatMap(({ findings }) => findings) };
};

async function checkService(
  { cluster }: Context,
  service: Service,
  app: string | undefined,
): Promise<{ readonly seen: string; readonly findings: readonly Finding[] }> {
  const { namespace, name } = service.metadata;
  const { selector, ports } = service.spec;
  if (Object.keys(selector).length === 0) return { seen: `${name} has endpoints of its own`, findings: [] };
  const [slices, allPods] = await Promise.all([
    cluster.list(kinds.endpointSlice, namespace),
    cluster.list(kinds.pod, namespace),
  ]);
  const endpoints = slices
    .filter(({ metadata }) => metadata.labels["kubernetes.io/service-name"] === name)
    .flatMap((slice) => slice.endpoints);
  const ready = endpoints.filter(({ conditions }) => conditions.ready !== false).length;
  const pods = allPods.filter(({ metadata }) => matchesLabels(selector, metadata.labels));
  const object = describeObject("Service", service);
  const findings: Finding[] = [];
  const labels = Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  // An app without any pod has its finding in the step of pods.
  if (pods.length === 0 && allPods.some(({ metadata }) => metadata.labels.app === app))
    findings.push({
      code: "endpoints/no-pods",
      object,
      problem: `selects no pod: none in ${namespace} has the labels ${labels}`,
      fix: `compare the selector with the pods' labels: kubectl -n ${namespace} get pods --show-labels`,
    });
  const containerPorts = pods.flatMap(({ spec }) =>
    [...spec.containers, ...spec.initContainers].flatMap((each) => each.ports),
  );
  for (const { port, targetPort = port } of pods.length > 0 ? ports : [])
    if (!containerPorts.some((each) => each.name === targetPort || each.containerPort === targetPort))
      findings.push({
        code: "endpoints/no-target-port",
        object,
        problem: `sends port ${port} to ${targetPort}, which no container of its pods has`,
        fix: `compare it with the pods' ports: kubectl -n ${namespace} get pods -l ${labels} -o jsonpath='{.items[*].spec.containers[*].ports}'`,
      });
  const hasReadyPod = pods.some(({ status }) => isTrue(status.conditions, "Ready"));
  if (ready === 0 && hasReadyPod)
    findings.push({
      code: "endpoints/none-ready",
      object,
      problem:
        "has no ready endpoint, although a pod that it selects is ready: the endpoint controller does not follow",
      fix: "check kube-controller-manager, which k3s runs: journalctl -u k3s",
    });
  return { seen: `Service ${name} has ${countOf(ready, "ready endpoint")}`, findings };
}

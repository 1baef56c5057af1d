import type { ObjectReference } from "../../components/waits/cluster-state";
import type { Context } from "../context";
import { describeReference, type Cause } from "../../components/waits/find-causes";
import type { Check } from "../diagnose";
import { countOf, observe, type Code, type Finding, type Observation } from "../finding";
import { kinds } from "../kinds";

/** A kind of reason why pods are not ready. */
interface PodProblem {
  readonly code: Code;
  readonly reason: RegExp;
  readonly fix: (cause: Cause, workload: ObjectReference, stack: string) => string;
}

const describePod = ({ object }: Cause, { namespace = "" }: ObjectReference): string => {
  const [kind = "", id = ""] = object.split(" ");
  return `kubectl -n ${namespace} describe ${kind} ${id.slice(id.indexOf("/") + 1)}`;
};

const podProblems: readonly PodProblem[] = [
  {
    code: "pod/image-pull",
    reason: /ImagePull|ErrImage|InvalidImageName/,
    fix: (_, { name }, stack) =>
      `push the image, or set one that exists: pulumi config set --path 'apps["${name}"].image' IMAGE --stack ${stack} && pulumi up --stack ${stack}`,
  },
  {
    code: "pod/crash",
    reason: /CrashLoopBackOff|exited with code|OOMKilled/,
    fix: (_, { namespace = "", name }) =>
      `read the last log, and repair the app: kubectl -n ${namespace} logs deployment/${name} --previous`,
  },
  {
    code: "pod/quota",
    reason: /exceeded quota/,
    // Without the restart, Kubernetes retries after up to 16 minutes.
    fix: ({ reason }, { namespace = "", kind, name }) =>
      `kubectl -n ${namespace} edit resourcequota ${/exceeded quota: ([\w.-]+)/.exec(reason)?.[1] ?? ""} && ` +
      `kubectl -n ${namespace} rollout restart ${kind}/${name}`,
  },
  {
    code: "pod/unschedulable",
    reason: /Unschedulable|nodes are available/,
    fix: () => "add a node or free one; what each node has left: kubectl describe nodes",
  },
  {
    code: "pod/missing-mount",
    reason: /FailedMount|CreateContainerConfigError|not found/,
    fix: (cause, workload) => `create what the pod mounts: ${describePod(cause, workload)}`,
  },
];

const otherProblem: PodProblem = { code: "pod/not-ready", reason: /.*/, fix: describePod };

/** Findings for a workload that is not ready, one for each cause. */
async function findPodProblems(
  { cluster, stack }: Pick<Context, "cluster" | "stack">,
  workload: ObjectReference,
): Promise<Finding[]> {
  const causes = await cluster.findCauses(workload);
  const byReason = new Map(causes.map((cause) => [cause.reason, cause]));
  return [...byReason.values()].map((cause) => {
    const { code, fix } = podProblems.find(({ reason }) => reason.test(cause.reason)) ?? otherProblem;
    return {
      code,
      object: cause.object,
      problem: `${cause.reason.trim()}, so ${describeReference(workload)} is not ready`,
      fix: fix(cause, workload, stack.name),
    };
  });
}

/** As {@link findPodProblems}, for a workload that may have been deleted: that has a finding of its own. */
export const checkWorkload = async (
  context: Pick<Context, "cluster" | "stack">,
  workload: ObjectReference,
): Promise<Observation> => {
  const exists = (await context.cluster.get(workload)) !== undefined;
  return { seen: [], findings: exists ? await findPodProblems(context, workload) : [] };
};

/** Checks that the pods of the target's apps are ready. */
export const checkPods: Check = async (context) => {
  const deployments = context.declared.filter(({ kind, app }) => kind === "Deployment" && app !== undefined);
  const { findings } = await observe(deployments.map((each) => checkWorkload(context, each)));
  const namespaces = new Set(deployments.map(({ namespace }) => namespace));
  const pods = (
    await Promise.all([...namespaces].map((each) => context.cluster.list(kinds.pod, each)))
  ).flat();
  const own = pods.filter(({ metadata }) =>
    deployments.some(
      ({ name, namespace }) => metadata.labels.app === name && metadata.namespace === namespace,
    ),
  );
  return { seen: [countOf(own.length, "pod")], findings };
};

import { platformNamespaces } from "../../components/namespaces";
import type { Check } from "../diagnose";
import { observe, type Finding } from "../finding";
import { checkTokens } from "./tokens";
import { findPodProblems } from "./pods";

/** Checks external-dns' pods and its token at Cloudflare. */
export const checkExternalDns: Check = async (context) => {
  const workloads = context.declared.filter(
    ({ step, kind }) => step === "external-dns" && kind === "Deployment",
  );
  if (workloads.length === 0) return { seen: ["not installed"], findings: [] };
  const findings: Finding[] = [];
  for (const workload of workloads)
    if ((await context.cluster.get(workload)) !== undefined)
      findings.push(...(await findPodProblems(context, workload)));
  const seen = [workloads.map(({ name }) => name).join(", ")];
  const pods = Promise.resolve({ seen, findings });
  return observe([pods, checkTokens(context, "external-dns", platformNamespaces.externalDns)]);
};

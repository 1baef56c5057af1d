import { ensureGroup, type ToolGroup } from "../../sandbox/tools/tools";

/** kubectl, with which the printed fixes are carried out. */
const kubectl: ToolGroup = {
  name: "kubectl",
  what: "kubectl",
  minutes: "2 minutes",
  programs: { kubectl: "k8s.io/kubernetes/cmd/kubectl" },
  variables: () => ({}),
};

/** Builds kubectl if it is missing. */
export const ensureKubectl = (): Promise<void> => ensureGroup(kubectl, "to carry out the doctor's fixes");

import { z } from "zod";

import { read, request } from "./start";

const bindings = z.object({
  items: z.array(
    z.object({
      subjects: z
        .array(z.object({ kind: z.string(), name: z.string(), namespace: z.string().optional() }))
        .default([]),
    }),
  ),
});

const review = z.object({ status: z.object({ allowed: z.boolean() }) });

const rbac = "/apis/rbac.authorization.k8s.io/v1";

/** What a ServiceAccount may do: `<verb> <resource>[.<group>]`. */
const questions = [
  "list secrets",
  "create secrets",
  "create pods",
  "create pods/exec",
  "create serviceaccounts/token",
  "get nodes/proxy",
  "patch nodes",
  "impersonate users",
  "create clusterrolebindings.rbac.authorization.k8s.io",
  "escalate clusterroles.rbac.authorization.k8s.io",
  "create rolebindings.rbac.authorization.k8s.io",
  "create deployments.apps",
  "create certificaterequests.cert-manager.io",
  "create certificates.cert-manager.io",
  "create ingresses.networking.k8s.io",
  "patch validatingwebhookconfigurations.admissionregistration.k8s.io",
  "patch mutatingwebhookconfigurations.admissionregistration.k8s.io",
  "patch customresourcedefinitions.apiextensions.k8s.io",
  "create ciliumnetworkpolicies.cilium.io",
];

/**
 * What each ServiceAccount of the platform may do, one line each: `<namespace>/<name>: <permission> in <namespaces>; ...`. The
 * API server is asked itself. Accounts of Kubernetes' own controllers are left out.
 */
export async function listPermissions(stack: string, namespaces: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    ["clusterrolebindings", "rolebindings"].map(async (each) =>
      bindings.parse(await read(stack, `${rbac}/${each}`)),
    ),
  );
  const accounts = found
    .flatMap(({ items }) => items.flatMap(({ subjects }) => subjects))
    .filter(({ kind, namespace = "" }) => kind === "ServiceAccount" && namespaces.includes(namespace))
    .map(({ name, namespace = "" }) => `${namespace}/${name}`)
    .filter((each) => !/^kube-system\/(?!cilium|hubble)/.test(each));
  const lines: string[] = [];
  for (const account of [...new Set(accounts)].sort()) {
    const permissions = await Promise.all(
      questions.map(async (question) => {
        const allowed = await findAllowed(stack, account, question, namespaces);
        return allowed === undefined ? [] : [`${question} in ${allowed}`];
      }),
    );
    lines.push(`${account}: ${permissions.flat().join("; ") || "nothing of this"}`);
  }
  return lines;
}

/** The namespaces in which an account may do something, as text; undefined for none. */
async function findAllowed(stack: string, account: string, question: string, namespaces: readonly string[]) {
  const [verb = "", what = ""] = question.split(" ");
  const [path = "", ...group] = what.split(".");
  const [resource, subresource] = path.split("/");
  const isAllowed = async (namespace: string) => {
    const [own = "", name = ""] = account.split("/");
    const attributes = { verb, group: group.join("."), resource, ...(subresource && { subresource }) };
    const spec = {
      user: `system:serviceaccount:${own}:${name}`,
      groups: ["system:serviceaccounts", `system:serviceaccounts:${own}`, "system:authenticated"],
      resourceAttributes: { ...attributes, ...(namespace !== "" && { namespace }) },
    };
    const answer = await request(stack, "/apis/authorization.k8s.io/v1/subjectaccessreviews", "POST", {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec,
    });
    return review.parse(answer).status.allowed;
  };
  if (await isAllowed("")) return "the whole cluster";
  const allowed: string[] = [];
  for (const namespace of namespaces) if (await isAllowed(namespace)) allowed.push(namespace);
  return allowed.length === 0 ? undefined : allowed.join(", ");
}

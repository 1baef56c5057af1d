import { platformNamespaces } from "../../components/namespaces";
import type { Check } from "../diagnose";
import { observe } from "../finding";
import { checkTokens } from "./tokens";
import { checkWorkload } from "./pods";

/** Checks external-dns' pods and its token at Cloudflare. */
export const checkExternalDns: Check = async (context) => {
  const workloads = context.declared.filter(
    ({ step, kind }) => step === "external-dns" && kind === "Deployment",
  );
  if (workloads.length === 0) return { seen: ["not installed"], findings: [] };
  return observe([
    ...workloads.map((each) => checkWorkload(context, each)),
    checkTokens(context, "external-dns", platformNamespaces.externalDns),
  ]);
};

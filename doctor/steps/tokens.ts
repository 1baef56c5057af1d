import { z } from "zod";

import { findResources } from "../../stack/read-stack";
import { upCommand } from "../check-declared";
import type { Context } from "../context";
import { type Finding, NotVisible, type Observation } from "../finding";
import { kinds } from "../kinds";

const verification = z.object({ result: z.object({ status: z.string() }) });

/** Asks Cloudflare about the API tokens in the Secrets that the stack created in a namespace. */
export async function checkTokens(
  context: Context,
  step: "tls" | "external-dns",
  namespace: string,
): Promise<Observation> {
  const secrets = context.declared.filter(
    (each) => each.kind === "Secret" && each.namespace === namespace && each.release === undefined,
  );
  const findings = await Promise.all(
    secrets.map(async ({ name }): Promise<Finding[]> => {
      const secret = await context.cluster.find(kinds.secret, name, namespace);
      const tokens = Object.values(secret?.data ?? {})
        .map((data) => Buffer.from(data, "base64").toString())
        .filter((text) => /^[\w-]{40,}$/.test(text));
      const refused = await Promise.all(tokens.map((token) => isRefused(context, token)));
      if (!refused.includes(true)) return [];
      const isCreated = findResources(context.stack, "cloudflare:index/apiToken").length > 0;
      const key = step === "tls" ? "dns01Token" : "externalDnsToken";
      return [
        {
          code: `${step}/token-refused` as const,
          object: `Secret ${namespace}/${name}`,
          problem: `has a token that Cloudflare refuses: it was revoked or has expired, so ${step === "tls" ? "no certificate can be renewed" : "no record is written"}`,
          fix: isCreated
            ? upCommand(context.stack.name)
            : `create a token with Zone:Read and DNS:Edit, then: pulumi config set --secret ${key} --stack ${context.stack.name} && pulumi up --stack ${context.stack.name}`,
        },
      ];
    }),
  );
  return { seen: [], findings: findings.flat() };
}

async function isRefused({ withCloudflareToken }: Context, token: string): Promise<boolean> {
  try {
    const { result } = await withCloudflareToken(token)("/user/tokens/verify", verification);
    return result.status !== "active";
  } catch (error) {
    if (error instanceof NotVisible && /answered (400|401|403)/.test(error.message)) return true;
    throw error;
  }
}

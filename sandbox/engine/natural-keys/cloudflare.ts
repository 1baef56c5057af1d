import { z } from "zod";

import { grantTheSame } from "../../plugins/cloudflare/api-token-state";
import type { Inputs, Places } from "./finder";

export async function dnsRecord(inputs: Inputs, { cloudflare }: Places): Promise<string | undefined> {
  const { zoneId, name, type } = z
    .looseObject({ zoneId: z.string(), name: z.string(), type: z.string() })
    .parse(inputs);
  const query = new URLSearchParams({ "name.exact": name, name, type, per_page: "100" }).toString();
  const answer = await cloudflare(`/zones/${zoneId}/dns_records?${query}`);
  const { result } = z
    .looseObject({
      result: z.array(
        z.looseObject({ id: z.string(), name: z.string(), type: z.string(), content: z.string().nullish() }),
      ),
    })
    .parse(answer);
  const same = result.filter((one) => one.name.toLowerCase() === name.toLowerCase() && one.type === type);
  const found =
    inputs.content === undefined
      ? same.find((one) => agrees(inputs.data, (one as Inputs).data))
      : same.find((one) => one.content?.toLowerCase() === String(inputs.content).toLowerCase());
  return found && `${zoneId}/${found.id}`;
}

/** Whether a record has all the data that was asked for; numbers may come back as text. */
function agrees(wanted: unknown, has: unknown): boolean {
  if (typeof wanted !== "object" || wanted === null || typeof has !== "object" || has === null) return false;
  return Object.entries(wanted).every(([key, value]) => String((has as Inputs)[key]) === String(value));
}

/** DNSSEC is a setting of the zone too, but one that a destroy turns off: so what was turned on has to be known. */
export async function dnssec(inputs: Inputs, { cloudflare }: Places): Promise<string | undefined> {
  const { zoneId } = z.looseObject({ zoneId: z.string() }).parse(inputs);
  const answer = await cloudflare(`/zones/${zoneId}/dnssec`);
  const found = z.looseObject({ result: z.looseObject({ status: z.string() }) }).safeParse(answer);
  return found.success && ["active", "pending"].includes(found.data.result.status) ? zoneId : undefined;
}

const rulesets = z.looseObject({
  result: z.array(
    z.looseObject({
      id: z.string(),
      kind: z.string(),
      name: z.string(),
      phase: z.string(),
      description: z.string().nullish(),
    }),
  ),
});

/** A phase has one ruleset; one that is called otherwise was there before, and made the create fail. */
export async function ruleset(inputs: Inputs, { cloudflare }: Places): Promise<string | undefined> {
  const { zoneId } = z.looseObject({ zoneId: z.string().optional() }).parse(inputs);
  if (zoneId === undefined) return undefined;
  const answer = await cloudflare(`/zones/${zoneId}/rulesets`);
  const found = rulesets
    .parse(answer ?? { result: [] })
    .result.find(
      ({ kind, phase, name, description }) =>
        kind === inputs.kind &&
        phase === inputs.phase &&
        name === inputs.name &&
        (description ?? "") === (inputs.description ?? ""),
    );
  return found && `zones/${zoneId}/${found.id}`;
}

const certificates = z.looseObject({
  result: z.array(z.looseObject({ id: z.string(), certificate: z.string(), status: z.string() })),
});

/** A certificate that is secret in the state can be compared with nothing, and is made again. */
export async function originPullsCertificate(
  { zoneId, certificate: wanted }: Inputs,
  { cloudflare }: Places,
): Promise<string | undefined> {
  if (typeof zoneId !== "string" || typeof wanted !== "string") return undefined;
  const answer = await cloudflare(`/zones/${zoneId}/origin_tls_client_auth?per_page=50`);
  const found = certificates
    .parse(answer ?? { result: [] })
    .result.find(
      ({ certificate, status }) => certificate.trimEnd() === wanted.trimEnd() && !/delet/.test(status),
    );
  return found && `${zoneId}/${found.id}`;
}

const tokens = z.looseObject({
  result: z.array(
    z.looseObject({
      id: z.string(),
      name: z.string(),
      policies: z.array(z.record(z.string(), z.unknown())),
    }),
  ),
});

/**
 * A token tells its value to whoever makes it, and never again: one whose answer was lost is of no use to anybody, yet
 * it lets in. So it is taken away, and the next run makes another.
 */
export async function apiToken(inputs: Inputs, { cloudflare }: Places): Promise<undefined> {
  const wanted = z
    .looseObject({ name: z.string(), policies: z.array(z.record(z.string(), z.unknown())) })
    .parse(inputs);
  const lost: string[] = [];
  for (let page = 1; ; page++) {
    const answer = await cloudflare(`/user/tokens?page=${page}&per_page=50`);
    const { result } = tokens.parse(answer ?? { result: [] });
    if (result.length === 0) break;
    lost.push(
      ...result
        .filter(({ name, policies }) => name === wanted.name && grantTheSame(wanted.policies, policies))
        .map(({ id }) => id),
    );
  }
  for (const id of lost) await cloudflare(`/user/tokens/${id}`, "DELETE");
  return undefined;
}

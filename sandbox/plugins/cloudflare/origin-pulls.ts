import type { ResourceType, Props } from "../fake-provider";
import { parseAddress, undefinedIfGone } from "./resource-address";
import type { Client, Json } from "./client";
import { refuseUnknown } from "./functions";
import { fromApi, object } from "./shape";

const importForm = "<zone_id>/<certificate_id>";

const computed = "enabled expiresOn issuer serialNumber signature status uploadedOn".split(" ");

/**
 * `cloudflare:index/authenticatedOriginPullsCertificate:AuthenticatedOriginPullsCertificate`: Cloudflare's client
 * certificate for the origins of a zone. Its import id is `<zone_id>/<certificate_id>`, its id the latter. The API never returns the
 * private key, so an import has none, and a new key alone changes nothing.
 */
export function originPullsCertificate(client: () => Client): ResourceType {
  return {
    inputs: { certificate: "required", privateKey: "required", zoneId: "required" },
    computed: ["certificateId", ...computed],
    replaceOn: ["certificate", "zoneId"],
    withDefaults: (inputs, _, olds) => ({
      ...inputs,
      // The real provider ignores a last newline.
      certificate: sameText(olds?.certificate, inputs.certificate) ? olds?.certificate : inputs.certificate,
    }),
    async create({ zoneId, certificate, privateKey }) {
      const body = { certificate, private_key: privateKey };
      const created = (await client().call("POST", originPullsPath(String(zoneId)), { body })) as Json;
      return { id: String(created.id), outputs: toComputed(created) };
    },
    async read(id, last) {
      const { zone, own } = parseAddress(id, last, importForm);
      const found = await undefinedIfGone(client().call("GET", `${originPullsPath(zone)}/${own}`));
      if (found === undefined) return undefined;
      const { certificate } = found as Json;
      const { certificate: known, privateKey } = last.inputs;
      const inputs = {
        zoneId: zone,
        certificate: sameText(known, certificate) ? known : certificate,
        privateKey,
      };
      return { id: own, inputs, outputs: toComputed(found as Json) };
    },
    update: () => Promise.resolve({}),
    async delete(id, last) {
      const { zone, own } = parseAddress(id, last, importForm);
      await client().call("DELETE", `${originPullsPath(zone)}/${own}`);
    },
  };
}

/**
 * `cloudflare:index/authenticatedOriginPullsSettings:AuthenticatedOriginPullsSettings`: whether Cloudflare
 * presents its certificate to every origin of the zone. Its id and its import id are the zone's. Deleting leaves it as it is.
 */
export function originPullsSettings(client: () => Client): ResourceType {
  const put = (zone: string, enabled: unknown) =>
    client().call("PUT", `${originPullsPath(zone)}/settings`, { body: { enabled } });
  return {
    inputs: { enabled: "required", zoneId: "required" },
    computed: [],
    replaceOn: ["zoneId"],
    async create({ zoneId, enabled }) {
      await put(String(zoneId), enabled);
      return { id: String(zoneId), outputs: {} };
    },
    async read(id) {
      const found = await undefinedIfGone(client().call("GET", `${originPullsPath(id)}/settings`));
      if (found === undefined) return undefined;
      return { id, inputs: { zoneId: id, enabled: (found as Json).enabled }, outputs: {} };
    },
    async update(id, { enabled }) {
      await put(id, enabled);
      return {};
    },
    delete: () => Promise.resolve(),
  };
}

/**
 * `cloudflare:index/getAuthenticatedOriginPullsCertificate:getAuthenticatedOriginPullsCertificate`.
 *
 * @throws {Error} there is no such certificate, or no such zone.
 */
export async function getOriginPullsCertificate(client: Client, args: Props): Promise<Props> {
  refuseUnknown("getAuthenticatedOriginPullsCertificate", args, ["certificateId", "zoneId"]);
  const { zoneId, certificateId } = args;
  const found = (await client.call(
    "GET",
    `${originPullsPath(String(zoneId))}/${String(certificateId)}`,
  )) as Json;
  return { ...toComputed(found), id: certificateId, certificate: found.certificate, ...args };
}

const originPullsPath = (zone: string): string => `zones/${zone}/origin_tls_client_auth`;

const toComputed = (found: Json): Props => ({
  certificateId: found.id,
  ...(fromApi(found, object(computed.join(" "))) as Props),
});

const sameText = (last: unknown, live: unknown): boolean =>
  typeof last === "string" && typeof live === "string" && last.trimEnd() === live.trimEnd();

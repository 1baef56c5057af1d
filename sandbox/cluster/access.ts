import { sendRequest, type HttpResponse } from "./client";

/** How to reach a cluster as its administrator. */
export interface Access {
  readonly server: string;
  readonly ca: string;
  readonly token: string;
}

/** A write request to a resource. */
export interface Change {
  readonly method: "POST" | "PATCH" | "DELETE";
  /** Of the body. Default JSON. */
  readonly type?: string;
  readonly body?: string;
}

/** As {@link request}. @throws {Error} The API server answers with anything but success. */
export async function call(access: Access, resource: string, change?: Change): Promise<HttpResponse> {
  const answer = await request(access, resource, change);
  if (answer.status >= 300)
    throw new Error(`${resource}: the API server answers ${answer.status}: ${answer.body}`);
  return answer;
}

/** Reads a resource by its path, or changes it. */
export function request(
  { server, ca, token }: Access,
  resource: string,
  { method, type = "application/json", body }: Partial<Change> = {},
): Promise<HttpResponse> {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body !== undefined && { "content-type": type }),
  };
  return sendRequest({
    url: `${server}${resource}`,
    ...(method !== undefined && { method }),
    ...(body !== undefined && { body }),
    options: { ca, headers },
  });
}

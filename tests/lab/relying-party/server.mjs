// A relying party: the library openid-client signs people in, jose verifies logout tokens (OpenID Connect Back-Channel
// Logout 1.0 section 2.6). Its sessions end by a logout token only.

import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRemoteJWKSet, jwtVerify } from "jose";
import * as client from "openid-client";

const { ADDR, PORT, URL: url, ISSUER, ID, SECRET, FILE } = process.env;
const REDIRECT_URI = `${url}/callback`;
const EVENT = "http://schemas.openid.net/event/backchannel-logout";

/** Sign-ins that have begun, by their state. */
const begun = new Map();
/** `sid`, `sub` and email address by cookie. */
const sessions = new Map(existsSync(FILE) ? JSON.parse(readFileSync(FILE, "utf8")) : []);
const seen = new Set();
let provider;

function save() {
  writeFileSync(FILE, JSON.stringify([...sessions]));
}

/** The configuration and keys of the provider, read once it is needed. */
async function discovered() {
  if (!provider) {
    const insecure = { execute: [client.allowInsecureRequests] };
    const config = await client.discovery(new URL(ISSUER), ID, SECRET, client.ClientSecretBasic(SECRET), insecure);
    provider = { config, keys: createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri)) };
  }
  return provider;
}

async function begin(response) {
  const { config } = await discovered();
  const [verifier, state, nonce] = [client.randomPKCECodeVerifier(), client.randomState(), client.randomNonce()];
  begun.set(state, { verifier, nonce });
  const target = client.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT_URI,
    scope: "openid email",
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
  });
  response.writeHead(302, { location: target.href, "set-cookie": `state=${state}; Path=/; HttpOnly; SameSite=Lax` }).end();
}

async function callback(target, cookies, response) {
  const { config } = await discovered();
  const { verifier, nonce } = begun.get(cookies.state) ?? {};
  begun.delete(cookies.state);
  if (!verifier) return response.writeHead(400).end("No sign-in has begun in this browser");
  const checks = { pkceCodeVerifier: verifier, expectedState: cookies.state, expectedNonce: nonce };
  const { sid, sub, email } = (await client.authorizationCodeGrant(config, target, checks)).claims();
  const id = randomUUID();
  sessions.set(id, { sid, sub, email });
  save();
  response.writeHead(302, { location: "/", "set-cookie": `session=${id}; Path=/; HttpOnly; SameSite=Lax` }).end();
}

/** The claims of a valid logout token. */
async function verified(token) {
  const { keys } = await discovered();
  const rules = { issuer: ISSUER, audience: ID, typ: "logout+jwt", requiredClaims: ["iat", "exp", "jti", "events"] };
  const { payload } = await jwtVerify(token, keys, rules);
  const event = payload.events[EVENT];
  if (event === null || typeof event !== "object") throw new Error("no event of a logout");
  if (payload.nonce !== undefined) throw new Error("a nonce");
  if (payload.sid === undefined && payload.sub === undefined) throw new Error("neither sid nor sub");
  if (seen.has(payload.jti)) throw new Error("this jti was seen before");
  seen.add(payload.jti);
  return payload;
}

async function logout(request, response) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const form = new URLSearchParams(Buffer.concat(parts).toString());
  const { sid, sub } = await verified(form.get("logout_token") ?? "");
  for (const [id, session] of sessions) {
    // Section 2.6: with a sid this session only, otherwise all of the person.
    const ends = (sid === undefined || session.sid === sid) && (sub === undefined || session.sub === sub);
    if (ends) sessions.delete(id);
  }
  save();
  response.writeHead(200, { "cache-control": "no-store" }).end();
}

async function answer(request, response) {
  const target = new URL(request.url, url);
  const pairs = (request.headers.cookie ?? "").split("; ").map((pair) => pair.split("="));
  const cookies = Object.fromEntries(pairs);
  switch (`${request.method} ${target.pathname}`) {
    case "GET /": {
      const session = sessions.get(cookies.session);
      return session ? response.end(`Signed in: ${session.email}\n`) : begin(response);
    }
    case "GET /callback": return callback(target, cookies, response);
    case "POST /backchannel": return logout(request, response);
    default: return response.writeHead(404).end();
  }
}

createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(`${request.method} ${request.url.split("?")[0]}: ${error}`);
    if (!response.headersSent) response.writeHead(400).end(String(error));
  });
}).listen(Number(PORT), ADDR);

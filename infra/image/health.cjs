#!/usr/local/bin/node
// Whether the server of this container serves: exit code 0 or 1, and why. For HEALTHCHECK, where there is no curl.
//   netfold-health [URL]      default: /readyz at port 8080 of this container, with TLS or without
'use strict';
const http = require('node:http');
const https = require('node:https');

const TIMEOUT_MS = 4_000;
const [given] = process.argv.slice(2);
const urls = given ? [given] : ['https://127.0.0.1:8080/readyz', 'http://127.0.0.1:8080/readyz'];

/** Whose certificate it is does not matter: it is asked at its own loopback, and nothing is told it. */
const ask = (url) =>
  new Promise((resolve, reject) => {
    const client = url.startsWith('https:') ? https : http;
    const request = client.get(url, { rejectUnauthorized: false, timeout: TIMEOUT_MS }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    request.on('error', reject);
  });

async function main() {
  for (const [index, url] of urls.entries()) {
    try {
      const status = await ask(url);
      console.log(`${url}: ${status}`);
      return status === 200 ? 0 : 1;
    } catch (error) {
      if (index + 1 < urls.length) continue;
      console.log(`${url}: ${error.message}`);
    }
  }
  return 1;
}

main().then((code) => process.exit(code));

// The npm SDK's own server, to be measured beside AgentKit's: Streamable HTTP with sessions. Prints its address; ends when its input does.
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';

const sessions = new Map();

async function begin() {
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: randomUUID, onsessioninitialized: id => sessions.set(id, transport) });
  const server = new McpServer({ name: 'bench', version: '1.0.0' });
  server.registerTool('greet', { description: 'Greets.', inputSchema: { name: z.string() } }, async ({ name }) => ({ content: [{ type: 'text', text: `Hello, ${name}!` }] }));
  await server.connect(transport);
  return transport;
}

createServer(async (request, response) => {
  const transport = sessions.get(request.headers['mcp-session-id']) ?? await begin();
  await transport.handleRequest(request, response);
}).listen(0, '127.0.0.1', function () { console.log(`http://127.0.0.1:${this.address().port}/mcp`); });
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));

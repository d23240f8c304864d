// PostgreSQL with pgvector for tests, in this process: prints its port when it is ready, ends when its standard input does.
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { createServer } from 'node:net';

const freePort = () => new Promise((resolve, reject) => {
  const probe = createServer().once('error', reject);
  probe.listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
const db = await PGlite.create({ extensions: { vector } });
const port = await freePort();
await new PGLiteSocketServer({ db, port, host: '127.0.0.1', maxConnections: 16 }).start();
console.log(`ready ${port}`);

import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const api = process.env['TOCSIN_API'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  build: { chunkSizeWarningLimit: 900 },
  server: {
    port: 5173,
    // The API checks the Origin of the live stream, so the proxy speaks as the API's own page would.
    proxy: { '/api': { target: api, ws: true, changeOrigin: true, headers: { origin: api } } },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});

// The page of the API's reader has no script of its own: what stands in it must come from a file.
globalThis.Scalar.createApiReference('#reader', {
  url: '/openapi.json',
  // Nothing of it comes from elsewhere, and nothing goes there.
  withDefaultFonts: false,
  proxyUrl: '',
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: 'never',
  theme: 'default',
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
  documentDownloadType: 'json',
})

/** How clients are pointed at the gateway. The client key is read when the lines run; it stands nowhere. */
export function snippetsFor(
  url: string,
): readonly { readonly title: string; readonly lines: readonly string[] }[] {
  const key = '$(switchyard keys client --show)'
  return [
    {
      title: 'OpenAI SDKs and most tools (shell)',
      lines: [`export OPENAI_BASE_URL=${url}/v1`, `export OPENAI_API_KEY=${key}`],
    },
    {
      title: 'Claude Code (shell)',
      // https://docs.anthropic.com/en/docs/claude-code/llm-gateway
      lines: [
        `export ANTHROPIC_BASE_URL=${url}`,
        `export ANTHROPIC_AUTH_TOKEN=${key}`,
        'export ANTHROPIC_MODEL=auto',
      ],
    },
    {
      title: 'Codex (~/.codex/config.toml, with the variable OPENAI_API_KEY from above)',
      lines: [
        'model = "auto"',
        'model_provider = "switchyard"',
        '[model_providers.switchyard]',
        'name = "Switchyard"',
        `base_url = "${url}/v1"`,
        'env_key = "OPENAI_API_KEY"',
        'wire_api = "responses"',
      ],
    },
  ]
}

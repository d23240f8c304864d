using AgentKit.Tools.Mcp.Serving;
using ModelContextProtocol.Protocol;
using static AgentKit.McpConformanceHost.FixtureTool;

namespace AgentKit.McpConformanceHost;

/// <summary>The prompts the conformance suite gets.</summary>
internal sealed class FixturePrompts : McpPrompts
{
    private volatile bool _hasExtra;

    public override bool MayChange => true;

    /// <summary>Adds a prompt or takes it away.</summary>
    public string Toggle()
    {
        _hasExtra = !_hasExtra;
        return "The list of prompts has changed.";
    }

    public override ValueTask<IReadOnlyList<Prompt>> ListAsync(CancellationToken cancellationToken) => new(
    [
        new Prompt { Name = "test_simple_prompt", Description = "A text." },
        new Prompt { Name = "test_prompt_with_arguments", Description = "A text with two words.", Arguments = [Needed("arg1"), Needed("arg2")] },
        new Prompt { Name = "test_prompt_with_embedded_resource", Description = "A resource.", Arguments = [Needed("resourceUri")] },
        new Prompt { Name = "test_prompt_with_image", Description = "An image." },
        new Prompt { Name = "test_input_required_result_prompt", Description = "Asks something first." },
        .. _hasExtra ? [new Prompt { Name = "extra", Description = "Comes and goes." }] : Array.Empty<Prompt>(),
    ]);

    public override ValueTask<GetPromptResult?> GetAsync(
        string name, IReadOnlyDictionary<string, string> arguments, McpCall call, CancellationToken cancellationToken) => new(name switch
        {
            "test_simple_prompt" => Messages(new TextContentBlock { Text = "This is a simple prompt for testing." }),
            "test_prompt_with_arguments" =>
                Messages(new TextContentBlock { Text = $"Prompt with arguments: arg1='{arguments["arg1"]}', arg2='{arguments["arg2"]}'" }),
            "test_prompt_with_embedded_resource" => Messages(
                new EmbeddedResourceBlock
                {
                    Resource = new TextResourceContents
                    {
                        Uri = arguments["resourceUri"], MimeType = "text/plain", Text = "Embedded resource content for testing.",
                    },
                },
                new TextContentBlock { Text = "Please process the embedded resource above." }),
            "test_prompt_with_image" => Messages(
                ImageContentBlock.FromBytes(FixtureTools.Png, "image/png"), new TextContentBlock { Text = "Please analyze the image above." }),
            "test_input_required_result_prompt" => call.AnswerTo("user_context") is { Accepted: true } answer
                ? Messages(new TextContentBlock { Text = $"Context: {answer.Content.GetProperty("context").GetString()}" })
                : throw Ask(call, ("user_context", Field("What context should the prompt use?", "context"))),
            "extra" => Messages(new TextContentBlock { Text = "Still here." }),
            _ => null,
        });

    public override ValueTask<IReadOnlyList<string>> CompleteAsync(string name, string argument, string typed, CancellationToken cancellationToken) =>
        new([.. new[] { "paris", "park", "party", "test" }.Where(word => word.StartsWith(typed, StringComparison.Ordinal))]);

    private static PromptArgument Needed(string name) => new() { Name = name, Description = "An argument.", Required = true };

    private static GetPromptResult Messages(params ContentBlock[] blocks) =>
        new() { Messages = [.. blocks.Select(block => new PromptMessage { Role = Role.User, Content = block })] };
}

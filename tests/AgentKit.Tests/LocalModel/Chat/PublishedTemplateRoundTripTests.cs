using AgentKit.Models.Chat;
using AgentKit.Models.Templates;
using AgentKit.Tests.Support;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.LocalModel.Chat;

public class PublishedTemplateRoundTripTests
{
    /// <summary>Templates without tool calls: nothing in them says how the model writes one.</summary>
    private static readonly string[] WithoutCalls =
    [
        "HuggingFaceTB-SmolLM3-3B.jinja", "google-gemma-2-2b-it.jinja", "llama-cpp-rwkv-world.jinja",
            "microsoft-Phi-3.5-mini-instruct.jinja",
    ];

    [ChatTemplateFact]
    public void Derive_EveryTemplate_FindsItsCalls()
    {
        var without = Formats().Where(pair => pair.Format.ToolSyntax.Style == ToolCallStyle.None).Select(pair => pair.Name);
        Assert.Equal(WithoutCalls, without);
    }

    [ChatTemplateFact]
    public void Parse_OneCall_GivesTheSameCall() => AssertRoundTrip(_ => true, Conversation.Weather());

    [ChatTemplateFact]
    public void Parse_CallWithoutArguments_GivesTheSameCall() => AssertRoundTrip(_ => true, Conversation.Ping());

    [ChatTemplateFact]
    public void Parse_ParallelCalls_GivesTheSameCalls() =>
        AssertRoundTrip(capabilities => capabilities.ParallelToolCalls
            || !capabilities.ToolCalls, Conversation.Weather(), Conversation.Sum(), Conversation.Ping());

    [ChatTemplateFact]
    public void Parse_ReasoningAndCall_GivesBoth() =>
        AssertRoundTrip(capabilities => capabilities.ReasoningField is not null, new TextReasoningContent("The weather tool fits."),
            Conversation.Weather());

    [ChatTemplateFact]
    public void Parse_NoCall_GivesTheText()
    {
        var failures = new List<string>();
        foreach (var (name, format) in Formats())
            Check(name, new Conversation(format), [new TextContent("It is {\"fine\": [1, 2]} <b>today</b>.")], failures);
        Assert.True(failures.Count == 0, string.Join("\n", failures));
    }

    [ChatTemplateFact]
    public void Parse_CutOffCall_GivesTheTextAndADiagnostic()
    {
        var failures = new List<string>();
        foreach (var (name, format) in Formats().Where(pair => pair.Format.ToolSyntax.Style != ToolCallStyle.None))
        {
            var conversation = new Conversation(format);
            var (prompt, output) = conversation.Render(Conversation.Weather());
            var cut = output[..(output.IndexOf("celsius", StringComparison.Ordinal) + 3)];
            var (whole, parser) = conversation.Parse(prompt, cut);
            var (single, _) = conversation.Parse(prompt, cut, chunk: 1);
            if (whole.OfType<FunctionCallContent>().Any() || parser.Diagnostics.Count == 0
                || !string.Concat(whole.OfType<TextContent>().Select(content => content.Text)).EndsWith("cel", StringComparison.Ordinal)
                || Conversation.Describe(whole) != Conversation.Describe(single))
                failures.Add($"{name}: {cut}\n => {Conversation.Describe(whole)}");
        }
        Assert.True(failures.Count == 0, string.Join("\n", failures));
    }

    private static IEnumerable<(string Name, ChatFormat Format)> Formats() =>
        ChatTemplateData.TemplateNames.Select(name => (name, ChatFormat.For(ChatTemplate.Parse(ChatTemplateData.Read(name)), "<s>",
            "</s>")));

    private static void AssertRoundTrip(Func<TemplateCapabilities, bool> applies, params AIContent[] contents)
    {
        var failures = new List<string>();
        foreach (var (name, format) in Formats().Where(pair => pair.Format.ToolSyntax.Style != ToolCallStyle.None
            && applies(pair.Format.Capabilities)))
            Check(name, new Conversation(format), contents, failures);
        Assert.True(failures.Count == 0, $"{failures.Count} templates:\n" + string.Join("\n", failures));
    }

    private static void Check(string name, Conversation conversation, AIContent[] contents, List<string> failures)
    {
        var (prompt, output) = conversation.Render(contents);
        var expected = Conversation.Describe(contents);
        // One template opens reasoning in every last message: what follows is reasoning then, also in the history.
        if (name == "NVIDIA-Nemotron-Nano-v2.jinja" && contents[0] is TextContent
            && prompt.TrimEnd().EndsWith("<think>", StringComparison.Ordinal))
            expected = expected.Replace("text ", "reasoning ");
        foreach (var chunk in new[] { int.MaxValue, 1, 7 })
        {
            var (parsed, parser) = conversation.Parse(prompt, output, chunk);
            var actual = Conversation.Describe(parsed);
            if (actual == expected || (contents[^1] is FunctionCallContent
                && actual.StartsWith(expected + "\ntext <", StringComparison.Ordinal)))
                continue;
            var reasons = string.Join("; ", parser.Diagnostics.Select(diagnostic => diagnostic.Reason));
            failures.Add($"{name} (by {chunk}): {output.Replace("\n", "\\n")}\n => {actual}\n {reasons}");
            return;
        }
    }
}

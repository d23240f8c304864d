using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Models.Chat;
using AgentKit.Models.Templates;
using AgentKit.Testing;
using AgentKit.Tests.Support;

namespace AgentKit.Tests.Cli;

/// <summary>
/// Assistant messages that each published template wrote into a history, cut out in the ways one comes by them, and parsed again by the command.
/// </summary>
public sealed class PublishedTemplateParseTests : IDisposable
{
    private const string Answer = "It is {\"fine\": [1, 2]} <b>today</b>.";
    private const string Reasoning = "The weather tool fits.";

    private static readonly JsonObject Weather = Call("abc123def", "get_weather",
        new JsonObject { ["city"] = "Zürich \"West\" <b>", ["unit"] = "celsius", ["days"] = 3 });

    private static readonly JsonObject Sum = Call("abc123deg", "add_numbers",
        new JsonObject { ["values"] = new JsonArray(1, 2.5, -3), ["options"] = new JsonObject { ["round"] = true } });

    private static readonly JsonObject Ping = Call("abc123deh", "ping", []);

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [ChatTemplateFact]
    public Task Parse_OneCall_GivesTheSameCall() => CheckAsync(_ => true, "", null, Weather);

    [ChatTemplateFact]
    public Task Parse_CallWithoutArguments_GivesTheSameCall() => CheckAsync(_ => true, "", null, Ping);

    [ChatTemplateFact]
    public Task Parse_ParallelCalls_GivesTheSameCalls() => CheckAsync(c => c.ParallelToolCalls, "", null, Weather, Sum, Ping);

    [ChatTemplateFact]
    public Task Parse_ReasoningAndCall_GivesBoth() => CheckAsync(c => c.ReasoningField is not null, "", Reasoning, Weather);

    [ChatTemplateFact]
    public Task Parse_NoCall_GivesTheText() => CheckAsync(_ => true, Answer, null);

    [ChatTemplateFact]
    public Task Parse_AnswerAndCall_GivesBoth() => CheckAsync(_ => true, "I look it up.", null, Weather);

    [ChatTemplateFact]
    public async Task Parse_CutOffCall_GivesTheTextAndADiagnostic()
    {
        var failures = new List<string>();
        foreach (string name in ChatTemplateData.TemplateNames)
        {
            var format = ChatFormat.For(ChatTemplate.Parse(ChatTemplateData.Read(name)), "<s>", "</s>");
            if (!format.Capabilities.ToolCalls) continue;
            foreach ((string way, string text) in RenderedMessage.Ways(format, "", null, Weather))
            {
                JsonNode parsed = await ParseAsync(name, text[..(text.IndexOf("celsius", StringComparison.Ordinal) + 3)]);
                if (parsed["tool_calls"]!.AsArray().Count > 0 || parsed["diagnostics"]!.AsArray().Count == 0
                    || !parsed["content"]!.GetValue<string>().EndsWith("cel", StringComparison.Ordinal))
                    failures.Add($"{name} {way}: {parsed.ToJsonString()}");
            }
        }

        Assert.True(failures.Count == 0, string.Join("\n", failures));
    }

    private async Task<JsonNode> ParseAsync(string template, string text)
    {
        CliRun run = await CliRun.OfAsync(
            "model", "parse", Path.Combine(ChatTemplateData.Folder!, "templates", template), "--text", _scratch.Write("text", text), "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return JsonNode.Parse(run.Out)!;
    }

    private async Task CheckAsync(Func<TemplateCapabilities, bool> applies, string content, string? reasoning, params JsonObject[] calls)
    {
        var failures = new List<string>();
        int templates = 0;
        foreach (string name in ChatTemplateData.TemplateNames)
        {
            var format = ChatFormat.For(ChatTemplate.Parse(ChatTemplateData.Read(name)), "<s>", "</s>");
            if (!applies(format.Capabilities) || (calls.Length > 0 && !format.Capabilities.ToolCalls)) continue;
            templates++;
            foreach ((string way, string text) in RenderedMessage.Ways(format, content, reasoning, calls))
            {
                string actual = Normal(await ParseAsync(name, text));
                // Some templates drop the calls of messages with an answer, or the reasoning, or the answer.
                JsonObject[] shown = [.. calls.Where(call => content.Length == 0 || text.Contains($"{call["function"]!["name"]}", StringComparison.Ordinal))];
                string expected = Normal(text.Contains(content, StringComparison.Ordinal) ? content : "", text.Contains(Reasoning, StringComparison.Ordinal) ? reasoning ?? "" : "", shown);
                if (actual != expected) failures.Add($"{name} {way}: {text.Replace("\n", "\\n", StringComparison.Ordinal)}\n => {actual}\n");
            }
        }

        Assert.InRange(templates, 20, 50);
        Assert.True(failures.Count == 0, $"{failures.Count} of {templates}:\n" + string.Join("\n", failures));
    }

    private static string Normal(JsonNode document) => Normal(
        document["content"]!.GetValue<string>(),
        document["reasoning"]!.GetValue<string>(),
        [.. document["tool_calls"]!.AsArray().Select(call => call!.AsObject())]);

    private static string Normal(string content, string reasoning, JsonObject[] calls) =>
        $"content={content} reasoning={reasoning} calls={string.Join(';', calls.Select(Describe))}";

    private static string Describe(JsonObject call)
    {
        JsonNode function = call["function"] ?? call;
        var arguments = function["arguments"]!.AsObject().OrderBy(argument => argument.Key, StringComparer.Ordinal);
        return $"{function["name"]}({string.Join(", ", arguments.Select(argument => $"{argument.Key}: {argument.Value!.ToJsonString()}"))})";
    }

    private static JsonObject Call(string id, string name, JsonObject arguments) => new()
    {
        ["id"] = id, ["type"] = "function", ["function"] = new JsonObject { ["name"] = name, ["arguments"] = arguments },
    };
}

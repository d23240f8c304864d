using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Testing;
using AgentKit.Tests.Support;

namespace AgentKit.SlowTests.Cli;

public sealed class RenderCommandTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    /// <summary>Where jinja2 with transformers' settings fails, the record named "relaxed" says what a lenient engine may print instead.</summary>
    [ChatTemplateFact]
    public async Task Render_EveryPublishedRecord_EqualsJinja2()
    {
        foreach ((string name, JsonNode? conversation) in ChatTemplateData.Cases)
        {
            _scratch.Write($"{name}.messages.json", conversation!["messages"]!.ToJsonString());
            _scratch.Write($"{name}.tools.json", conversation["tools"]?.ToJsonString() ?? "null");
        }

        var relaxed = ChatTemplateData.Results.Where(record => record!["profile"] is not null).ToDictionary(Key, record => record!);
        var failures = new List<string>();
        foreach (JsonNode? record in ChatTemplateData.Results)
        {
            JsonNode expected = relaxed.GetValueOrDefault(Key(record), record!);
            CliRun run = await RenderAsync(record!);
            bool right = expected["text"] is { } text
                ? run.ExitCode == 0 && run.Out == text.GetValue<string>()
                : run.ExitCode == 1 && run.Error.StartsWith("error: Chat template, line ", StringComparison.Ordinal);
            if (!right) failures.Add($"{Key(record)}: {run.ExitCode} {run.Error}");
        }

        Assert.Equal(2532, ChatTemplateData.Results.Count);
        Assert.True(failures.Count == 0, $"{failures.Count} records differ:\n" + string.Join("\n", failures.Take(40)));
    }

    private async Task<CliRun> RenderAsync(JsonNode record)
    {
        string name = record["case"]!.GetValue<string>();
        List<string> args =
        [
            "model", "render", Path.Combine(ChatTemplateData.Folder!, "templates", record["template"]!.GetValue<string>()),
            "--messages", _scratch[$"{name}.messages.json"], "--tools", _scratch[$"{name}.tools.json"],
            "--var", "bos_token=\"<s>\"", "--var", "eos_token=\"</s>\"", "--now", "2026-01-15T12:34:56",
        ];
        if (!record["add_generation_prompt"]!.GetValue<bool>()) args.Add("--no-generation-prompt");
        foreach ((string variable, JsonNode? value) in ChatTemplateData.Cases[name]!["extra"]!.AsObject())
            args.AddRange(["--var", $"{variable}={value?.ToJsonString() ?? "null"}"]);
        return await CliRun.OfAsync([.. args]);
    }

    private static string Key(JsonNode? record) => $"{record!["template"]}/{record["case"]}/{record["add_generation_prompt"]}";
}

using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Models;
using AgentKit.Models.Chat;
using AgentKit.Models.Templates;
using Spectre.Console;

namespace AgentKit.Cli.Models;

/// <summary><c>agentkit model info FILE</c>: what a GGUF file says about itself, and the devices here. The model is not loaded.</summary>
internal static class ModelInfoCommand
{
    private static readonly Argument<string?> File = new("FILE")
    {
        Description = "A .gguf file or the name of a model; without it the one of --model.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("info", "Show what a model is and what it needs.") { File },
        "agentkit model info models/nano.gguf --json",
        context => Task.FromResult(Run(context)));

    private static int Run(CommandContext context)
    {
        string? named = context.Parse.GetValue(File);
        string path = ModelLocator.Resolve(named ?? context.Model, context.Data, named is null ? "--model" : "FILE");
        ModelInfoJson info = Describe(path, ModelInfo.Read(path), NativeRuntime.Probe());
        context.WriteJson(info);
        context.Screen.Show(Table(info));
        return ExitCode.Done;
    }

    private static ModelInfoJson Describe(string path, ModelInfo model, NativeRuntimeInfo native) => new(
        model.Name,
        path,
        model.Architecture,
        model.Parameters,
        model.Layers,
        model.Heads,
        model.KvHeads,
        model.ContextLength,
        model.VocabularySize,
        model.KvBytesPerToken is { } kv ? new(kv.F16, kv.Q8_0, kv.Q4_0) : null,
        model.ChatTemplate,
        Syntax(model.ChatTemplate),
        model.Quantization,
        model.FileBytes,
        model.License,
        [.. native.Devices.Select(d => new ModelInfoJson.Device(d.Name, d.Description, d.IsGpu, d.FreeBytes, d.TotalBytes))]);

    /// <summary>How the model writes tool calls, derived from its template; null without a template that can be used.</summary>
    private static string? Syntax(string? template)
    {
        if (template is null) return null;
        try
        {
            return JsonNamingPolicy.SnakeCaseLower.ConvertName(ChatFormat.For(ChatTemplate.Parse(template)).ToolSyntax.Style.ToString());
        }
        catch (TemplateException)
        {
            return null;
        }
    }

    private static Grid Table(ModelInfoJson info)
    {
        var grid = new Grid().AddColumn().AddColumn();
        void Row(string name, string? value)
        {
            if (value is not null) grid.AddRow($"[grey]{name}[/]", Markup.Escape(value));
        }

        Row("name", info.Name);
        Row("file", $"{info.File} ({Quantity.Bytes(info.FileBytes)}, mostly {info.Quantization})");
        Row("licence", info.License);
        Row("architecture", info.Architecture);
        Row("parameters", Quantity.Count(info.Parameters));
        Row("layers", Number(info.Layers));
        Row("heads", info.Heads is null ? null : $"{info.Heads} ({info.KvHeads} for keys and values)");
        Row("context", info.ContextLength is { } length ? $"{length} tokens" : null);
        Row("vocabulary", Number(info.Vocab));
        Row("KV cache per token", info.KvBytesPerToken is { } kv ? Cache(kv) : null);
        Row("chat template", info.ChatTemplate is { } template ? $"{template.Length} characters (--json shows it)" : "none");
        Row("tool syntax", info.ToolSyntax ?? "none known");
        foreach (ModelInfoJson.Device device in info.Devices)
        {
            string memory = device.Gpu ? $", {Quantity.Bytes(device.FreeBytes)} of {Quantity.Bytes(device.TotalBytes)} free" : "";
            Row("device", $"{device.Name} {device.Description}{memory}");
        }


        return grid;
    }

    private static string? Number(long? value) => value?.ToString(CultureInfo.InvariantCulture);

    private static string Cache(ModelInfoJson.KvBytes kv) =>
        $"f16 {Quantity.Bytes(kv.F16)}"
        + (kv.Q8_0 is { } q8 ? $", q8_0 {Quantity.Bytes(q8)}" : "")
        + (kv.Q4_0 is { } q4 ? $", q4_0 {Quantity.Bytes(q4)}" : "");
}

using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Chat;
using Microsoft.Extensions.AI;
using Spectre.Console;

namespace AgentKit.Cli.Models;

/// <summary><c>agentkit model parse FILE --text FILE</c>: what a model wrote, taken apart by the syntax its template shows.</summary>
internal static class ModelParseCommand
{
    private static readonly Argument<string> File = TemplateOptions.File();

    private static readonly Option<string> Text = new("--text")
    {
        Description = "What the model wrote behind the generation prompt, or its whole message as the history shows it.",
        HelpName = "file",
        Required = true,
    };

    private static readonly Option<string?> Prompt = new("--prompt")
    {
        Description = "The prompt in front of the text; tells whether it opened reasoning. Without it, text that never closes reasoning is the answer.",
        HelpName = "file",
    };

    private static readonly Option<string?> Tools = TemplateOptions.Tools();

    public static Command Create(CommandHost host) => host.Handle(
        new Command("parse", "Take a model's output apart: answer, reasoning, tool calls.") { File, Text, Prompt, Tools },
        "agentkit model parse nano --text output.txt --tools tools.json --json",
        context => Task.FromResult(Run(context)));

    private static int Run(CommandContext context)
    {
        TemplateFile file = TemplateFile.Open(context.Parse.GetValue(File)!, context.Data);
        string text = TextFile.Read(Text.Name, context.Parse.GetValue(Text)!);
        string? prompt = context.Parse.GetValue(Prompt) is { } path ? TextFile.Read(Prompt.Name, path) : null;
        AITool[]? tools = TemplateOptions.ReadTools(context, Tools) is { } array ? [.. array.Select(Declaration)] : null;
        ChatFormat format = ChatFormat.For(file.Template, file.BosToken ?? "", file.EosToken ?? "");
        AssistantMessage message = new AssistantMessageReader(format).Read(text, prompt, tools);
        var result = new ParseJson(
            message.Content,
            message.Reasoning,
            [.. message.Calls.Select(call => new ParseJson.Call(call.CallId, call.Name, Arguments(call)))],
            [.. message.Diagnostics.Select(diagnostic => new ParseJson.Diagnostic(diagnostic.Reason, diagnostic.Text))]);
        context.WriteJson(result);
        Show(context.Screen, result);
        return ExitCode.Done;
    }

    private static void Show(Screen screen, ParseJson result)
    {
        void Line(string name, string text)
        {
            if (text.Length > 0) screen.ShowLine($"[grey]{name,-10}[/]{Markup.Escape(text)}");
        }

        Line("reasoning", result.Reasoning);
        Line("content", result.Content);
        foreach (ParseJson.Call call in result.ToolCalls)
            Line("call", $"{call.Name} {CompactJson.Of(JsonSerializer.SerializeToElement(call.Arguments))}");
        foreach (ParseJson.Diagnostic diagnostic in result.Diagnostics) Line("no call", $"{diagnostic.Reason}: {diagnostic.Text}");
    }

    private static JsonObject Arguments(FunctionCallContent call)
    {
        var arguments = new JsonObject();
        foreach ((string name, object? value) in call.Arguments ?? new Dictionary<string, object?>())
            arguments[name] = JsonSerializer.SerializeToNode(value);
        return arguments;
    }

    /// <summary>A tool in OpenAI's shape, with or without its wrapper.</summary>
    private static AITool Declaration(JsonNode? tool, int index)
    {
        JsonNode function = tool!["function"] ?? tool;
        if (function is not JsonObject fields || fields["name"] is not JsonValue name || !name.TryGetValue(out string? text))
            throw new UserInputException(Tools.Name, $"{Tools.Name}: tools[{index}].function.name is missing; a string is expected.");
        JsonElement schema = fields["parameters"] is { } parameters ? JsonSerializer.SerializeToElement(parameters) : JsonDocument.Parse("{}").RootElement;
        return AIFunctionFactory.CreateDeclaration(text, fields["description"]?.ToString() ?? "", schema);
    }
}

using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;

namespace AgentKit.Cli.Models;

/// <summary>The options of commands that work on chat templates.</summary>
internal static class TemplateOptions
{
    private static readonly string[] Times =
    [
        "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    public static Argument<string> File() => new("FILE") { Description = "A .gguf file, the name of a model, or a .jinja template." };

    public static Option<string?> Tools() => new("--tools")
    {
        Description = "JSON file with an array of tools in OpenAI's shape.",
        HelpName = "file",
    };

    public static Option<string[]> Variables() => new("--var")
    {
        Description = "A template variable with its value in JSON, such as enable_thinking=false or bos_token='\"<s>\"'; may be repeated.",
        HelpName = "name=json",
    };

    public static Option<string?> Now() => new("--now")
    {
        Description = "The time the template sees (ISO 8601); a time without offset is taken as it is. [default: now]",
        HelpName = "time",
    };

    /// <summary>The tools, or null without the option or with a file that holds <c>null</c>.</summary>
    public static JsonArray? ReadTools(CommandContext context, Option<string?> option) =>
        context.Parse.GetValue(option) is not { } path || JsonFile.Read(option.Name, path) is null
            ? null
            : JsonFile.ReadObjects(option.Name, path, "tools");

    /// <exception cref="UserInputException">A value is not JSON, or an item has no name.</exception>
    public static Dictionary<string, object?> ReadVariables(CommandContext context, Option<string[]> option)
    {
        var variables = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (string item in context.Parse.GetValue(option) ?? [])
        {
            int equals = item.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1) throw new UserInputException(option.Name, $"{option.Name} is '{item}'; NAME=JSON is expected.");
            (string name, string json) = (item[..equals], item[(equals + 1)..]);
            try
            {
                using JsonDocument document = JsonDocument.Parse(json);
                variables[name] = document.RootElement.Clone();
            }
            catch (JsonException e)
            {
                throw new UserInputException(
                    option.Name, $"{option.Name}: the value of {name} is not JSON: {json}. A text needs quotes: {name}='\"{json}\"'.", e);
            }
        }

        return variables;
    }

    /// <exception cref="UserInputException">It is no time.</exception>
    public static TimeProvider ReadClock(CommandContext context, Option<string?> option)
    {
        if (context.Parse.GetValue(option) is not { } text) return context.Time;
        return DateTimeOffset.TryParseExact(text, Times, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset now)
            ? new StoppedClock(now)
            : throw new UserInputException(option.Name, $"{option.Name} is '{text}'; a time such as 2026-01-15T12:34:56 is expected.");
    }

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone { get; } = TimeZoneInfo.CreateCustomTimeZone("given", now.Offset, "given", "given");

        public override DateTimeOffset GetUtcNow() => now.ToUniversalTime();
    }
}

using System.Text.Encodings.Web;
using System.Text.Json;
using AgentKit.Kernel.Errors;

namespace AgentKit.Kernel.Runs;

/// <summary>
/// The journal's JSON form of events: snake case, <c>type</c> first, every property present. Reading is strict: a record that is not
/// exactly of a known schema is refused, because a run rebuilt from half-understood events would act on them.
/// </summary>
public static class EventJson
{
    /// <summary>Version of the event format this build writes.</summary>
    public const int Schema = 3;

    internal static RunsJsonContext Context { get; } = new(new JsonSerializerOptions(RunsJsonContext.Default.Options)
    {
        // Journals are read by people and by SQLite, never pasted into HTML: other scripts than Latin stay readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>Writes an event in the current <see cref="Schema"/>.</summary>
    public static string Write(AgentEvent e) => JsonSerializer.Serialize(e, Context.AgentEvent);

    /// <summary>Reads an event.</summary>
    /// <param name="source">Where it comes from, for the message: a journal file and run.</param>
    /// <param name="schema">The schema it was written with.</param>
    /// <param name="json">The event.</param>
    /// <exception cref="UserInputException">A newer schema than this build knows, or not an event of that schema.</exception>
    public static AgentEvent Read(string source, int schema, string json)
    {
        if (schema is < 1 or > Schema)
        {
            throw new UserInputException(
                source,
                $"{source} has an event of schema {schema}; this version of AgentKit reads schema 1 to {Schema}. Use a newer version.");
        }

        try
        {
            return JsonSerializer.Deserialize(json, Context.AgentEvent) ?? throw new JsonException("The event is null.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new UserInputException(source, $"{source} has an event that is not of schema {schema}: {e.Message}", e);
        }
    }
}

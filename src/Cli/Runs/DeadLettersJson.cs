using AgentKit.Memory.Journal;

namespace AgentKit.Cli.Runs;

/// <summary>The document of <c>runs dead-letters --json</c>.</summary>
internal sealed record DeadLettersJson(IReadOnlyList<DeadLettersJson.Letter> DeadLetters)
{
    /// <summary>One of them.</summary>
    internal sealed record Letter(
        DateTimeOffset At, string Actor, string Reason, string Type, string Message, string? Error, string Process);

    public static DeadLettersJson From(IEnumerable<DeadLetterRecord> letters) => new([.. letters.Select(letter => new Letter(
        letter.At, letter.To.ToString(), letter.Reason.ToString().ToLowerInvariant(), letter.Type, letter.Message, letter.Error, letter.Process))]);
}

using System.Globalization;
using AgentKit.Kernel.Errors;

namespace AgentKit.Agents.Crash;

/// <summary>When a process under test is killed: at an append of its run to the journal, or after a time.</summary>
public sealed record CrashPoint
{
    private CrashPoint(int append, bool committed, TimeSpan? after) => (Append, Committed, Time) = (append, committed, after);

    /// <summary>Which append of the run, from 1; 0 for a point in time.</summary>
    public int Append { get; }

    /// <summary>Whether the append is on the disk when the process dies, but has not been acknowledged.</summary>
    public bool Committed { get; }

    /// <summary>How long the process lives from the start of its work; <c>null</c> for a point in the journal.</summary>
    public TimeSpan? Time { get; }

    /// <summary>Just before an append is handed to the journal.</summary>
    /// <param name="append">Which one, from 1.</param>
    public static CrashPoint BeforeAppend(int append) => new(Positive(append), false, null);

    /// <summary>Just after an append is on the disk, before anybody learns of it.</summary>
    /// <param name="append">Which one, from 1.</param>
    public static CrashPoint AfterAppend(int append) => new(Positive(append), true, null);

    /// <summary>Some time after the work began, wherever it is then.</summary>
    /// <param name="time">The time.</param>
    public static CrashPoint After(TimeSpan time) => new(0, false, time);

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <exception cref="UserInputException">The text is no crash point.</exception>
    public static CrashPoint Parse(string text)
    {
        string[] parts = text.Split(':');
        if (parts.Length == 2 && double.TryParse(parts[1], CultureInfo.InvariantCulture, out double number) && number >= 0)
        {
            switch (parts[0])
            {
                case "before" when number >= 1:
                    return BeforeAppend((int)number);
                case "after" when number >= 1:
                    return AfterAppend((int)number);
                case "ms":
                    return After(TimeSpan.FromMilliseconds(number));
            }
        }

        throw new UserInputException(CrashTest.PointVariable, $"'{text}' is no crash point; before:N, after:N or ms:N is expected.");
    }

    /// <summary><c>before:N</c>, <c>after:N</c> or <c>ms:N</c>.</summary>
    public override string ToString() => Time is { } time
        ? string.Create(CultureInfo.InvariantCulture, $"ms:{time.TotalMilliseconds}")
        : string.Create(CultureInfo.InvariantCulture, $"{(Committed ? "after" : "before")}:{Append}");

    private static int Positive(int append) =>
        append > 0 ? append : throw new ArgumentOutOfRangeException(nameof(append), append, "1 or more");
}

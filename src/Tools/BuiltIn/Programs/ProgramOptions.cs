namespace AgentKit.Tools.BuiltIn.Programs;

/// <summary>Which programs the <c>run_program</c> tool may run.</summary>
public sealed record ProgramOptions
{
    /// <summary>
    /// What may be run: a program, or a program with its first arguments (<c>git status</c>); words are separated by single blanks. Further
    /// arguments are the model's choice, so an entry allows whatever the program can be told to do: allow <c>git log</c>, not <c>git</c>.
    /// </summary>
    public required IReadOnlyList<string> Allowed { get; init; }

    /// <summary>How long a program may run. 1 second to 1 hour.</summary>
    /// <value>30 seconds</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public TimeSpan Timeout
    {
        get;
        init => field = value >= TimeSpan.FromSeconds(1) && value <= TimeSpan.FromHours(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Timeout), value, "1 second to 1 hour");
    } = TimeSpan.FromSeconds(30);

    /// <summary>Most bytes of each of the two outputs that are kept; a program that writes more is ended. 1 KiB to 16 MiB.</summary>
    /// <value>64 KiB</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int MaxOutputBytes
    {
        get;
        init => field = value is >= 1024 and <= 16 * 1024 * 1024
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxOutputBytes), value, "1 KiB to 16 MiB");
    } = 64 * 1024;
}

namespace AgentKit.Tools.BuiltIn;

/// <summary>What the built-in tools may see and how much they return.</summary>
public sealed record BuiltInToolsOptions
{
    /// <summary>The folder that the file tools may read, and nothing outside it; <c>null</c> leaves the file tools out.</summary>
    public string? Root { get; init; }

    /// <summary>Where the clock reads time and zone.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Most bytes of a file that one <c>read_file</c> call returns; what is left out is announced in the result.</summary>
    /// <value>1 KiB to 16 MiB; 64 KiB by default.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int MaxReadBytes
    {
        get;
        init => field = value is >= 1024 and <= 16 * 1024 * 1024
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxReadBytes), value, "1 KiB to 16 MiB");
    } = 64 * 1024;

    /// <summary>Most files that one <c>search_files</c> call names; further ones are announced in the result.</summary>
    /// <value>1 to 1000; 50 by default.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int MaxSearchResults
    {
        get;
        init => field = value is >= 1 and <= 1000
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxSearchResults), value, "1 to 1000");
    } = 50;
}

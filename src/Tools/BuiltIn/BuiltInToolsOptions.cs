using AgentKit.Tools.BuiltIn.Databases;
using AgentKit.Tools.BuiltIn.Network;
using AgentKit.Tools.BuiltIn.Programs;

namespace AgentKit.Tools.BuiltIn;

/// <summary>What the built-in tools may see and how much they return.</summary>
public sealed record BuiltInToolsOptions
{
    /// <summary>The folder that the file tools may read, and nothing outside it; <c>null</c> leaves the file tools out.</summary>
    public string? Root { get; init; }

    /// <summary>Whether files below <see cref="Root"/> may be written too.</summary>
    /// <value><c>false</c></value>
    public bool Write { get; init; }

    /// <summary>Most bytes that one <c>write_file</c> call writes. 1 KiB to 64 MiB.</summary>
    /// <value>1 MiB</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int MaxWriteBytes
    {
        get;
        init => field = value is >= 1024 and <= 64 * 1024 * 1024
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxWriteBytes), value, "1 KiB to 64 MiB");
    } = 1024 * 1024;

    /// <summary>What <c>fetch</c> may reach; <c>null</c> leaves it out.</summary>
    public FetchOptions? Fetch { get; init; }

    /// <summary>What <c>query_database</c> may read; <c>null</c> leaves it out.</summary>
    public DatabaseOptions? Database { get; init; }

    /// <summary>What <c>run_program</c> may run, in <see cref="Root"/>; <c>null</c> leaves it out.</summary>
    public ProgramOptions? Programs { get; init; }

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

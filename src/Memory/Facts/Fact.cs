namespace AgentKit.Memory.Facts;

/// <summary>Something remembered, and from when to when it holds.</summary>
public sealed record Fact
{
    /// <summary>Its id: the same whenever the same episode is consolidated again.</summary>
    public required string Id { get; init; }

    /// <summary>What it says.</summary>
    public required string Text { get; init; }

    /// <summary>What it gives a value to; <c>null</c> when it is not of a kind that has one value at a time.</summary>
    public FactSlot? Slot { get; init; }

    /// <summary>From when it holds: when it was said, unless something else is known.</summary>
    public required DateTimeOffset ValidFrom { get; init; }

    /// <summary>Until when it held; <c>null</c>: it still does.</summary>
    public DateTimeOffset? ValidTo { get; init; }

    /// <summary>When it was stored.</summary>
    public required DateTimeOffset Recorded { get; init; }

    /// <summary>The fact it took the place of.</summary>
    public string? Supersedes { get; init; }

    /// <summary>Where it comes from; <c>null</c> when a program or a person stored it without a run.</summary>
    public FactOrigin? Origin { get; init; }
}

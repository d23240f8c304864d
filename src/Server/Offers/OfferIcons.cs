using ModelContextProtocol.Protocol;

namespace AgentKit.Server.Offers;

/// <summary>Icons of what is offered. They lie in the messages themselves: clients may not fetch from addresses they do not know.</summary>
internal static class OfferIcons
{
    /// <summary>A circle within a circle.</summary>
    public static Icon Agent { get; } = Svg("<circle cx='12' cy='12' r='9'/><circle cx='12' cy='12' r='3'/>");

    /// <summary>A page with lines.</summary>
    public static Icon Knowledge { get; } = Svg("<path d='M6 3h12v18H6zM9 8h6M9 12h6M9 16h4'/>");

    /// <summary>A path with stops.</summary>
    public static Icon Run { get; } = Svg("<path d='M5 5v14M5 8h10M5 15h14'/><circle cx='17' cy='8' r='2'/>");

    private static Icon Svg(string shapes) => new()
    {
        Source = "data:image/svg+xml," + Uri.EscapeDataString(
            $"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='currentColor' stroke-width='2'>{shapes}</svg>"),
        MimeType = "image/svg+xml",
        Sizes = ["any"],
    };
}

using AgentKit.Memory.Facts;

namespace AgentKit.Tests.Memory.Facts;

public class FactSlotTests
{
    [Theory]
    [InlineData("The door code is 4711.", "", "door code", "4711")]
    [InlineData("my dog's name is Rex", "user", "dog's name", "Rex")]
    [InlineData("Ann's phone is 555-0100", "Ann", "phone", "555-0100")]
    [InlineData("The capital of France is Paris", "France", "capital", "Paris")]
    [InlineData("I live in Lyon", "user", "live in", "Lyon")]
    [InlineData("Ann works at Acme", "Ann", "works at", "Acme")]
    [InlineData("timezone: UTC+2", "", "timezone", "UTC+2")]
    public void Of_AFormThatHasOneValue_FindsIt(string text, string subject, string predicate, string value) =>
        Assert.Equal(new FactSlot(subject, predicate, value), FactSlot.Of(text));

    [Theory]
    [InlineData("Ann is tall")]
    [InlineData("Ann likes tea")]
    [InlineData("The meeting went well")]
    [InlineData("The door code is not 4711")]
    [InlineData("My sister is a doctor.")]
    [InlineData("The meeting is on Monday.")]
    [InlineData("The meeting is in the room that is free.")]
    [InlineData("Ann's sister is an architect")]
    [InlineData("The end of the street is under water")]
    [InlineData("Note: buy milk")]
    [InlineData("TODO: call Bob")]
    [InlineData("Reminder to self: call Bob")]
    [InlineData("see http://example.org/page")]
    [InlineData("")]
    public void Of_OtherText_AssumesNothing(string text) => Assert.Null(FactSlot.Of(text));

    [Theory]
    [InlineData("The door code is 1", "the Door Codes are 2")]
    [InlineData("My timezone is UTC", "Our timezone is CET")]
    [InlineData("I live in Lyon", "The user lives in Paris")]
    public void Key_OfTheSameThing_IsTheSame(string one, string other) => Assert.Equal(FactSlot.Of(one)!.Key, FactSlot.Of(other)!.Key);

    [Fact]
    public void Key_OfOtherPeople_IsAnother() => Assert.NotEqual(FactSlot.Of("Ann's phone is 1")!.Key, FactSlot.Of("Bob's phone is 1")!.Key);
}

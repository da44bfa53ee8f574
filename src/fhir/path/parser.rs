//! Tokens to a syntax tree. Unknown functions and wrong counts of arguments are found here, never when evaluating.

use crate::fhir::path::ast::Expr;
use crate::fhir::path::ast::Invocation;
use crate::fhir::path::ast::Operator;
use crate::fhir::path::ast::TYPE_STRENGTH;
use crate::fhir::path::ast::TypeName;
use crate::fhir::path::calendar::CalendarUnit;
use crate::fhir::path::decimal::Decimal;
use crate::fhir::path::error::PathError;
use crate::fhir::path::functions;
use crate::fhir::path::lexer;
use crate::fhir::path::lexer::Token;
use crate::fhir::path::quantity::Quantity;
use crate::fhir::path::step::Step;

/// How deep expressions may nest; deeper ones are refused so that no stack overflows.
const MOST_NESTING: usize = 60;
/// How long a chain of calls or operators may be, for the same reason.
const MOST_CHAIN: usize = 250;
/// How many levels the tree may have: evaluating goes down one level at a time.
const MOST_LEVELS: usize = 300;
/// How long an expression may be, in bytes.
const MOST_LENGTH: usize = 64 * 1024;
/// How many tokens.
const MOST_TOKENS: usize = 8_000;

/// The tree of an expression.
pub(crate) fn parse(text: &str) -> Result<Expr, PathError> {
    if text.len() > MOST_LENGTH {
        return Err(PathError::Limit { what: "bytes of text", most: MOST_LENGTH });
    }
    let tokens = lexer::tokens(text)?;
    if tokens.len() > MOST_TOKENS {
        return Err(PathError::Limit { what: "tokens", most: MOST_TOKENS });
    }
    let mut parser = Parser { tokens, at: 0, nesting: 0 };
    let expression = parser.expression(0)?;
    match parser.peek() {
        Token::End if expression.is_deeper_than(MOST_LEVELS) => {
            Err(PathError::Limit { what: "levels", most: MOST_LEVELS })
        }
        Token::End => Ok(expression),
        _ => Err(parser.wrong("an operator or the end")),
    }
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    at: usize,
    nesting: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |(_, token)| token)
    }

    fn offset(&self) -> usize {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(0, |(offset, _)| *offset)
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn accept(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Token::Symbol(seen) if *seen == symbol);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &str) -> Result<(), PathError> {
        if self.accept(symbol) { Ok(()) } else { Err(self.wrong(&format!("`{symbol}`"))) }
    }

    fn wrong(&self, expected: &str) -> PathError {
        PathError::Syntax { offset: self.offset(), expected: expected.to_owned(), seen: self.peek().describe() }
    }

    /// An expression of operators that bind tighter than `strength`.
    fn expression(&mut self, strength: u8) -> Result<Expr, PathError> {
        self.nesting += 1;
        if self.nesting > MOST_NESTING {
            return Err(PathError::Limit { what: "nested expressions", most: MOST_NESTING });
        }
        let mut left = self.term()?;
        let mut chain = 0;
        loop {
            chain += 1;
            if chain > MOST_CHAIN {
                return Err(PathError::Limit { what: "operators in a chain", most: MOST_CHAIN });
            }
            let symbol = match self.peek() {
                Token::Word(word) => word.as_str(),
                Token::Symbol(symbol) => symbol,
                _ => break,
            };
            if symbol == "is" || symbol == "as" {
                let is = symbol == "is";
                if TYPE_STRENGTH <= strength {
                    break;
                }
                self.at += 1;
                let kind = self.type_name()?;
                left = if is { Expr::Is(Box::new(left), kind) } else { Expr::As(Box::new(left), kind) };
                continue;
            }
            let Some(operator) = Operator::from_symbol(symbol) else { break };
            if operator.strength() <= strength {
                break;
            }
            self.at += 1;
            let right = self.expression(operator.strength())?;
            let (one, other) = match operator {
                Operator::In => (left, right.numbered()),
                Operator::Contains => (left.numbered(), right),
                _ => (left, right),
            };
            left = Expr::Binary(operator, Box::new(one), Box::new(other));
        }
        self.nesting -= 1;
        Ok(left)
    }

    /// An operand with its signs, calls and indexes.
    fn term(&mut self) -> Result<Expr, PathError> {
        let mut signs = Vec::new();
        loop {
            if self.accept("-") {
                signs.push('-');
            } else if self.accept("+") {
                signs.push('+');
            } else {
                break;
            }
            if signs.len() > MOST_NESTING {
                return Err(PathError::Limit { what: "signs", most: MOST_NESTING });
            }
        }
        let mut term = self.primary()?;
        let mut chain = 0;
        loop {
            chain += 1;
            if chain > MOST_CHAIN {
                return Err(PathError::Limit { what: "calls in a chain", most: MOST_CHAIN });
            }
            if self.accept(".") {
                term = self.invocation(Some(term))?;
            } else if self.accept("[") {
                let index = self.expression(0)?;
                self.expect("]")?;
                term = Expr::Item(Box::new(term), Box::new(index));
            } else {
                break;
            }
        }
        for sign in signs.into_iter().rev() {
            term = if sign == '-' { Expr::Negate(Box::new(term)) } else { Expr::Plus(Box::new(term)) };
        }
        Ok(term)
    }

    fn primary(&mut self) -> Result<Expr, PathError> {
        if self.accept("(") {
            let inner = self.expression(0)?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.accept("{") {
            if self.accept("}") {
                return Ok(Expr::Nothing);
            }
            let mut items = vec![self.expression(0)?];
            while self.accept(",") {
                items.push(self.expression(0)?);
            }
            self.expect("}")?;
            return Ok(Expr::List(items.into()));
        }
        match self.peek() {
            Token::Text(_) | Token::Number(_) | Token::Temporal(_) | Token::Variable(_) => {}
            Token::Word(word) if word == "true" || word == "false" => {
                let value = word == "true";
                self.at += 1;
                return Ok(Expr::Boolean(value));
            }
            Token::Word(_) | Token::Quoted(_) | Token::Dollar(_) => return self.invocation(None),
            _ => return Err(self.wrong("an expression")),
        }
        let offset = self.offset();
        match self.next() {
            Token::Text(text) => Ok(Expr::Text(text.into())),
            Token::Temporal(value) => Ok(Expr::Temporal(value)),
            Token::Variable(name) => Ok(Expr::Variable(name.into())),
            Token::Number(text) => self.number(offset, &text),
            other => Err(PathError::Syntax { offset, expected: "an expression".to_owned(), seen: other.describe() }),
        }
    }

    fn number(&mut self, offset: usize, text: &str) -> Result<Expr, PathError> {
        let value = Decimal::parse(text).ok_or_else(|| PathError::Syntax {
            offset,
            expected: "a number of at most 38 digits".to_owned(),
            seen: format!("`{text}`"),
        })?;
        match self.peek() {
            Token::Text(unit) => {
                let quantity = Quantity::from_ucum(value, unit);
                self.at += 1;
                Ok(Expr::Quantity(Box::new(quantity)))
            }
            Token::Word(unit) if CalendarUnit::from_word(unit).is_some() => {
                let quantity = Quantity::from_calendar(value, unit);
                self.at += 1;
                Ok(Expr::Quantity(Box::new(quantity)))
            }
            _ if !text.contains('.') => Ok(value.to_integer().map_or(Expr::Decimal(value), Expr::Integer)),
            _ => Ok(Expr::Decimal(value)),
        }
    }

    /// A member, a call or a `$` name.
    fn invocation(&mut self, target: Option<Expr>) -> Result<Expr, PathError> {
        let offset = self.offset();
        let name = match self.next() {
            Token::Word(name) => name,
            Token::Quoted(name) => return Ok(member(target, name)),
            Token::Dollar(name) if target.is_none() => match name.as_str() {
                "this" => return Ok(Expr::This),
                "index" => return Ok(Expr::Index),
                "total" => return Ok(Expr::Total),
                _ => {
                    let expected = "`$this`, `$index` or `$total`".to_owned();
                    return Err(PathError::Syntax { offset, expected, seen: format!("`${name}`") });
                }
            },
            // `focus.$this` occurs in published expressions and means the focus.
            Token::Dollar(name) if name == "this" => return Ok(target.unwrap_or(Expr::This)),
            other => {
                return Err(PathError::Syntax { offset, expected: "a name".to_owned(), seen: other.describe() });
            }
        };
        if !self.accept("(") {
            return Ok(member(target, name));
        }
        let Some(function) = functions::find(&name) else {
            return Err(PathError::UnknownFunction { offset, name });
        };
        let mut arguments = Vec::new();
        if !self.accept(")") {
            loop {
                arguments.push(if function.takes_type { Expr::Type(self.type_name()?) } else { self.expression(0)? });
                if !self.accept(",") {
                    break;
                }
            }
            self.expect(")")?;
        }
        if arguments.len() < usize::from(function.least) || arguments.len() > usize::from(function.most) {
            return Err(PathError::ArgumentCount {
                offset,
                name: function.name,
                least: function.least,
                most: function.most,
                seen: arguments.len(),
            });
        }
        Ok(Expr::Call(Invocation { target: target.map(Box::new), function, arguments: arguments.into() }))
    }

    fn type_name(&mut self) -> Result<TypeName, PathError> {
        let parenthesised = self.accept("(");
        let first = self.type_part()?;
        let name = if self.accept(".") {
            TypeName { namespace: Some(first.into()), name: self.type_part()?.into() }
        } else {
            TypeName { namespace: None, name: first.into() }
        };
        if parenthesised {
            self.expect(")")?;
        }
        Ok(name)
    }

    fn type_part(&mut self) -> Result<String, PathError> {
        match self.peek().clone() {
            Token::Word(name) | Token::Quoted(name) => {
                self.at += 1;
                Ok(name)
            }
            // `is('Patient')` occurs; the text is the name.
            Token::Text(name) => {
                self.at += 1;
                Ok(name)
            }
            _ => Err(self.wrong("the name of a type")),
        }
    }
}

fn member(target: Option<Expr>, name: String) -> Expr {
    match target {
        Some(target) => Expr::Member(Box::new(target), Step::new(&name)),
        None => Expr::Name(Step::new(&name)),
    }
}

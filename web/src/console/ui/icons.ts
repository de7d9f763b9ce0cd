/** The icons in use: Lucide's drawings, as components of ours. They only decorate: what they stand beside has a name. */
import {
  Activity as activity,
  ArrowDown as arrowDown,
  ArrowLeft as arrowLeft,
  ArrowUp as arrowUp,
  Ban as ban,
  Bell as bell,
  BookOpen as bookOpen,
  CalendarDays as calendarDays,
  ChartColumn as chartColumn,
  ChevronDown as chevronDown,
  ChevronLeft as chevronLeft,
  ChevronRight as chevronRight,
  ChevronsLeft as chevronsLeft,
  ChevronsUpDown as chevronsUpDown,
  CircleAlert as circleAlert,
  CircleCheck as circleCheck,
  Columns3 as columns3,
  Download as download,
  Ellipsis as ellipsis,
  Eye as eye,
  EyeOff as eyeOff,
  Inbox as inbox,
  KeyRound as keyRound,
  Keyboard as keyboard,
  Languages as languages,
  LogIn as logIn,
  LogOut as logOut,
  Monitor as monitor,
  Moon as moon,
  Pencil as pencil,
  Plus as plus,
  RotateCcw as rotateCcw,
  ScrollText as scrollText,
  Search as search,
  SearchX as searchX,
  Send as send,
  Shield as shield,
  ShieldAlert as shieldAlert,
  ShieldCheck as shieldCheck,
  ShieldPlus as shieldPlus,
  ShieldQuestionMark as shieldQuestionMark,
  SlidersHorizontal as slidersHorizontal,
  Smartphone as smartphone,
  SquareStack as squareStack,
  Trash2 as trash2,
  TrendingDown as trendingDown,
  TrendingUp as trendingUp,
  TriangleAlert as triangleAlert,
  UserPlus as userPlus,
  UserRound as userRound,
  Users as users,
  X as x,
} from 'lucide'
import { icon } from './icon'

export const Activity = icon(activity)
export const ArrowDown = icon(arrowDown)
export const ArrowLeft = icon(arrowLeft)
export const ArrowUp = icon(arrowUp)
export const Ban = icon(ban)
export const Bell = icon(bell)
export const BookOpen = icon(bookOpen)
export const CalendarDays = icon(calendarDays)
export const ChartColumn = icon(chartColumn)
export const ChevronDown = icon(chevronDown)
export const ChevronLeft = icon(chevronLeft)
export const ChevronRight = icon(chevronRight)
export const ChevronsLeft = icon(chevronsLeft)
export const ChevronsUpDown = icon(chevronsUpDown)
export const CircleAlert = icon(circleAlert)
export const CircleCheck = icon(circleCheck)
export const Columns3 = icon(columns3)
export const Download = icon(download)
export const Ellipsis = icon(ellipsis)
export const Eye = icon(eye)
export const EyeOff = icon(eyeOff)
export const Inbox = icon(inbox)
export const KeyRound = icon(keyRound)
export const Keyboard = icon(keyboard)
export const Languages = icon(languages)
export const LogIn = icon(logIn)
export const LogOut = icon(logOut)
export const Monitor = icon(monitor)
export const Moon = icon(moon)
export const Pencil = icon(pencil)
export const Plus = icon(plus)
export const RotateCcw = icon(rotateCcw)
export const ScrollText = icon(scrollText)
export const Search = icon(search)
export const SearchX = icon(searchX)
export const Send = icon(send)
export const Shield = icon(shield)
export const ShieldAlert = icon(shieldAlert)
export const ShieldCheck = icon(shieldCheck)
export const ShieldPlus = icon(shieldPlus)
export const ShieldQuestionMark = icon(shieldQuestionMark)
export const SlidersHorizontal = icon(slidersHorizontal)
export const Smartphone = icon(smartphone)
export const SquareStack = icon(squareStack)
export const Trash2 = icon(trash2)
export const TrendingDown = icon(trendingDown)
export const TrendingUp = icon(trendingUp)
export const TriangleAlert = icon(triangleAlert)
export const UserPlus = icon(userPlus)
export const UserRound = icon(userRound)
export const Users = icon(users)
export const X = icon(x)
